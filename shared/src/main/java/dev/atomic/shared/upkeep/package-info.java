/// What happens to jobs after their end: deletion, the totals that outlive them, and whose turn it
/// is to do it.
@NullMarked
package dev.atomic.shared.upkeep;

import org.jspecify.annotations.NullMarked;
