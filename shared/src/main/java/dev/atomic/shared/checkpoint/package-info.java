/// Rounds of a job's stages: how each ended, and the tokens and cost that it took.
@NullMarked
package dev.atomic.shared.checkpoint;

import org.jspecify.annotations.NullMarked;
