@NullMarked
package dev.atomic.shared.webhook;

import org.jspecify.annotations.NullMarked;
