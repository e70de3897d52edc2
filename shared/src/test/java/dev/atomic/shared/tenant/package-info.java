/// What tenants get of what they share, on both databases.
@NullMarked
package dev.atomic.shared.tenant;

import org.jspecify.annotations.NullMarked;
