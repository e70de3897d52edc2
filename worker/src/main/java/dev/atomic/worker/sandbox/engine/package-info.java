/// What speaks to the Docker engine: containers made, confined, kept ready, and removed.
@NullMarked
package dev.atomic.worker.sandbox.engine;

import org.jspecify.annotations.NullMarked;
