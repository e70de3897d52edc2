/// Files of a job: what they are, what their paths may be, which one a program begins with, and the
/// tables that hold them.
@NullMarked
package dev.atomic.shared.file;

import org.jspecify.annotations.NullMarked;
