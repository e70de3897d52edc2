/// JobRunr's dashboard, read-only, behind our own rules.
@NullMarked
package dev.atomic.api.dashboard;

import org.jspecify.annotations.NullMarked;
