@NullMarked
package dev.atomic.shared.verify;

import org.jspecify.annotations.NullMarked;
