@NullMarked
package dev.atomic.shared.transition;

import org.jspecify.annotations.NullMarked;
