/// Which requests a process answers at all.
@NullMarked
package dev.atomic.shared.access;

import org.jspecify.annotations.NullMarked;
