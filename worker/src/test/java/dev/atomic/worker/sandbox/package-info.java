/// The sandbox's tests: `*Test` are pure, `*IT` use the real engine and the real image.
@NullMarked
package dev.atomic.worker.sandbox;

import org.jspecify.annotations.NullMarked;
