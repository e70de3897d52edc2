/// What a worker measures.
@NullMarked
package dev.atomic.worker.telemetry;

import org.jspecify.annotations.NullMarked;
