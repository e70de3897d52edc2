/// Whose jobs these are, and finding one of them.
@NullMarked
package dev.atomic.api.tenant;

import org.jspecify.annotations.NullMarked;
