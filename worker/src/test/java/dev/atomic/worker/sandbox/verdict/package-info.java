@NullMarked
package dev.atomic.worker.sandbox.verdict;

import org.jspecify.annotations.NullMarked;
