@NullMarked
package dev.atomic.worker.sandbox.compare;

import org.jspecify.annotations.NullMarked;
