@NullMarked
package dev.atomic.shared.job;

import org.jspecify.annotations.NullMarked;
