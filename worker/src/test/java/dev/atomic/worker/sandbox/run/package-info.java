@NullMarked
package dev.atomic.worker.sandbox.run;

import org.jspecify.annotations.NullMarked;
