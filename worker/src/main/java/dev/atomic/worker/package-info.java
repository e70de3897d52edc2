/// Claims jobs and runs the pipeline against agent and sandbox.
@NullMarked
package dev.atomic.worker;

import org.jspecify.annotations.NullMarked;
