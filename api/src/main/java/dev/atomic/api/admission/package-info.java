/// From a request body to a committed job: limit, idempotency, insert.
@NullMarked
package dev.atomic.api.admission;

import org.jspecify.annotations.NullMarked;
