/// What jobs hold in memory, bounded together.
@NullMarked
package dev.atomic.worker.memory;

import org.jspecify.annotations.NullMarked;
