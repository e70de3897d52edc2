@NullMarked
package dev.atomic.shared.telemetry;

import org.jspecify.annotations.NullMarked;
