/// Writes what happens to claimed jobs, fenced and in groups.
@NullMarked
package dev.atomic.worker.event;

import org.jspecify.annotations.NullMarked;
