package dev.atomic.db.server;

import java.io.Serial;

/// The H2 on the class path isn't the one this server was written for; says in one line what to do.
final class UnknownH2Exception extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    UnknownH2Exception(String what) {
        super(
                "%s H2 %s: build with h2.version %s, as the parent pom has it, or read the other"
                                .formatted(what, KnownH2.VERSION, KnownH2.VERSION)
                        + " version's sources, adapt StoreGateWeaver and Connections, and put its"
                        + " hashes into KnownH2");
    }
}
