/// Tests that start the real processes, each on its own, and look from outside as a client does.
@NullMarked
package dev.atomic.e2e;

import org.jspecify.annotations.NullMarked;
