/// Group commit: one transaction for what came while the last one committed.
@NullMarked
package dev.atomic.shared.group;

import org.jspecify.annotations.NullMarked;
