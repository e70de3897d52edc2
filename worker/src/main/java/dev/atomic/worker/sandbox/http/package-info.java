/// Programs that are started as servers and judged by what they answer.
@NullMarked
package dev.atomic.worker.sandbox.http;

import org.jspecify.annotations.NullMarked;
