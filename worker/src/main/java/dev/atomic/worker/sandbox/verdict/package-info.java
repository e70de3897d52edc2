/// What the runner said of a run, and what follows from it. Nothing here has run anything.
@NullMarked
package dev.atomic.worker.sandbox.verdict;

import org.jspecify.annotations.NullMarked;
