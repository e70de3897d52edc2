/// Whether what a program gave is what was expected of it. Nothing here has run anything.
@NullMarked
package dev.atomic.worker.sandbox.compare;

import org.jspecify.annotations.NullMarked;
