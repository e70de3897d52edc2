/// What changed between two jobs' files.
@NullMarked
package dev.atomic.api.diff;

import org.jspecify.annotations.NullMarked;
