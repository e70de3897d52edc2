/// JobRunr's server as we need it: exact, woken, ordered.
@NullMarked
package dev.atomic.worker.queue;

import org.jspecify.annotations.NullMarked;
