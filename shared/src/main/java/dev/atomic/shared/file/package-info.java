/// Files of a job: what they are, what their paths may be, and which one a program begins with.
@NullMarked
package dev.atomic.shared.file;

import org.jspecify.annotations.NullMarked;
