@NullMarked
package dev.atomic.worker.sandbox.engine;

import org.jspecify.annotations.NullMarked;
