/// What both processes need and neither owns.
@NullMarked
package dev.atomic.shared;

import org.jspecify.annotations.NullMarked;
