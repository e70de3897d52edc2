@NullMarked
package dev.atomic.worker.webhook;

import org.jspecify.annotations.NullMarked;
