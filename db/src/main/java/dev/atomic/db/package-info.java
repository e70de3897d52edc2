/// The schema for both databases and the H2 server process.
@NullMarked
package dev.atomic.db;

import org.jspecify.annotations.NullMarked;
