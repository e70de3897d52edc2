/// A job: what was asked, its states, and the tables of those that wait, run and have ended.
@NullMarked
package dev.atomic.shared.job;

import org.jspecify.annotations.NullMarked;
