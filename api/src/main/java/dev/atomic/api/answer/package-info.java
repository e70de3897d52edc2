/// From a job to its resource.
@NullMarked
package dev.atomic.api.answer;

import org.jspecify.annotations.NullMarked;
