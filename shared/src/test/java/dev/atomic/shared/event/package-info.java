@NullMarked
package dev.atomic.shared.event;

import org.jspecify.annotations.NullMarked;
