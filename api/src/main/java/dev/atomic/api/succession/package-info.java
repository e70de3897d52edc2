/// What a new job takes over from a finished one.
@NullMarked
package dev.atomic.api.succession;

import org.jspecify.annotations.NullMarked;
