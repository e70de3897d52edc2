@NullMarked
package dev.atomic.shared.group;

import org.jspecify.annotations.NullMarked;
