/// The only way a job moves: its row and its log, together.
@NullMarked
package dev.atomic.shared.transition;

import org.jspecify.annotations.NullMarked;
