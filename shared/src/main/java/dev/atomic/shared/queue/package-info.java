/// Deliveries through JobRunr, and the signals that save everybody from polling.
@NullMarked
package dev.atomic.shared.queue;

import org.jspecify.annotations.NullMarked;
