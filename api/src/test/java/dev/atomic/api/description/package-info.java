@NullMarked
package dev.atomic.api.description;

import org.jspecify.annotations.NullMarked;
