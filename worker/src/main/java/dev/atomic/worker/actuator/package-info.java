/// Who may ask a worker's actuator, its only web.
@NullMarked
package dev.atomic.worker.actuator;

import org.jspecify.annotations.NullMarked;
