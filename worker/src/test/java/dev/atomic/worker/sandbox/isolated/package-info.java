@NullMarked
package dev.atomic.worker.sandbox.isolated;

import org.jspecify.annotations.NullMarked;
