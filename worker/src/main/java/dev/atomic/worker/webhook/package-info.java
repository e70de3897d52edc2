/// Telling others of a job's end.
@NullMarked
package dev.atomic.worker.webhook;

import org.jspecify.annotations.NullMarked;
