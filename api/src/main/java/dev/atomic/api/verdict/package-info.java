/// A verdict in words.
@NullMarked
package dev.atomic.api.verdict;

import org.jspecify.annotations.NullMarked;
