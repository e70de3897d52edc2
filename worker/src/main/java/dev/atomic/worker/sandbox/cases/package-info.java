/// Programs that are started anew for each case and judged by what came out.
@NullMarked
package dev.atomic.worker.sandbox.cases;

import org.jspecify.annotations.NullMarked;
