/// Runs code in a container that nothing gets out of, and brings back a verdict the code can't
/// write.
@NullMarked
package dev.atomic.worker.sandbox;

import org.jspecify.annotations.NullMarked;
