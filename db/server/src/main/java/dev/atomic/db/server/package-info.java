/// The H2 server process.
@NullMarked
package dev.atomic.db.server;

import org.jspecify.annotations.NullMarked;
