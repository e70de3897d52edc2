/// What an api measures.
@NullMarked
package dev.atomic.api.telemetry;

import org.jspecify.annotations.NullMarked;
