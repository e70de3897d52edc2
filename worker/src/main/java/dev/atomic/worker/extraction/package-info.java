/// The files in a model's answer.
@NullMarked
package dev.atomic.worker.extraction;

import org.jspecify.annotations.NullMarked;
