/// The models there are to choose from, as agents tell of them.
@NullMarked
package dev.atomic.shared.model;

import org.jspecify.annotations.NullMarked;
