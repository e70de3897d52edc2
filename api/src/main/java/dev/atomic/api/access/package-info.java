/// Who may: hosts, origins.
@NullMarked
package dev.atomic.api.access;

import org.jspecify.annotations.NullMarked;
