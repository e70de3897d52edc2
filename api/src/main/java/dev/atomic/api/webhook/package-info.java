/// What a receiver of webhooks needs to know.
@NullMarked
package dev.atomic.api.webhook;

import org.jspecify.annotations.NullMarked;
