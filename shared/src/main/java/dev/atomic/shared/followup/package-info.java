/// Jobs that go on from a finished one.
@NullMarked
package dev.atomic.shared.followup;

import org.jspecify.annotations.NullMarked;
