/// API keys and one-use tickets: made, kept as hashes, looked up, revoked.
@NullMarked
package dev.atomic.api.key;

import org.jspecify.annotations.NullMarked;
