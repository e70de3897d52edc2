/// What the processes tell of themselves: meters for Prometheus, spans for OpenTelemetry.
@NullMarked
package dev.atomic.shared.telemetry;

import org.jspecify.annotations.NullMarked;
