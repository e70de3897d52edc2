/// The OpenAPI document, and a page to read and try it.
@NullMarked
package dev.atomic.api.description;

import org.jspecify.annotations.NullMarked;
