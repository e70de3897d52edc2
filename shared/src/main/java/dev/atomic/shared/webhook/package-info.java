/// Telling others of a job's end: whom, what was tried, and what it is signed with.
@NullMarked
package dev.atomic.shared.webhook;

import org.jspecify.annotations.NullMarked;
