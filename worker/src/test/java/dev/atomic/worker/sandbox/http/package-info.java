@NullMarked
package dev.atomic.worker.sandbox.http;

import org.jspecify.annotations.NullMarked;
