/// The client of the Python agent over its Unix socket.
@NullMarked
package dev.atomic.worker.agent;

import org.jspecify.annotations.NullMarked;
