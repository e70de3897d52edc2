/// Liveness, takeover and due deliveries.
@NullMarked
package dev.atomic.worker.maintenance;

import org.jspecify.annotations.NullMarked;
