/// The schema for both databases, and where the database is.
@NullMarked
package dev.atomic.db;

import org.jspecify.annotations.NullMarked;
