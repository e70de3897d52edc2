/// Errors as RFC 9457 problems.
@NullMarked
package dev.atomic.api.problem;

import org.jspecify.annotations.NullMarked;
