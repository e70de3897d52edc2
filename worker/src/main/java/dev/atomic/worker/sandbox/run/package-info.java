/// What is to be run, as a plan of steps, and the language the runner in the container speaks.
@NullMarked
package dev.atomic.worker.sandbox.run;

import org.jspecify.annotations.NullMarked;
