/// What tenants get of what they share.
@NullMarked
package dev.atomic.shared.tenant;

import org.jspecify.annotations.NullMarked;
