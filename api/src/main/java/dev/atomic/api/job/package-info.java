/// From a request to an admitted job, and from a job to its resource.
@NullMarked
package dev.atomic.api.job;

import org.jspecify.annotations.NullMarked;
