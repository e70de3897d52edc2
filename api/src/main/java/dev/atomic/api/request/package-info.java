/// What a client asks, read strictly.
@NullMarked
package dev.atomic.api.request;

import org.jspecify.annotations.NullMarked;
