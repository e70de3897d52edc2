/// The console: the page at `/`. It is a client like any other and uses what every client may.
@NullMarked
package dev.atomic.api.console;

import org.jspecify.annotations.NullMarked;
