/// A job: what was asked, its states, its stages and checkpoints, and the tables they live in.
@NullMarked
package dev.atomic.shared.job;

import org.jspecify.annotations.NullMarked;
