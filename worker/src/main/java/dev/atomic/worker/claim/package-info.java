/// The jobs this worker holds, and the one place where each is told to stop.
@NullMarked
package dev.atomic.worker.claim;

import org.jspecify.annotations.NullMarked;
