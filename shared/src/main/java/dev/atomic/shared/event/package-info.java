/// The append-only log of a job, the only way anything reaches a client.
@NullMarked
package dev.atomic.shared.event;

import org.jspecify.annotations.NullMarked;
