/// Why requests are refused.
@NullMarked
package dev.atomic.shared.problem;

import org.jspecify.annotations.NullMarked;
