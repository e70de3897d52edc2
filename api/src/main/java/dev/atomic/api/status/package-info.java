/// Metrics and health.
@NullMarked
package dev.atomic.api.status;

import org.jspecify.annotations.NullMarked;
