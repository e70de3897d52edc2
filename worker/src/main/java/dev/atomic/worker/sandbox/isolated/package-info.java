/// Tests judged from outside: one container holds them, another the program, and the worker carries
/// between the two what they say to each other.
@NullMarked
package dev.atomic.worker.sandbox.isolated;

import org.jspecify.annotations.NullMarked;
