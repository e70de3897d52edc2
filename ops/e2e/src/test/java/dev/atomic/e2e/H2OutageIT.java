package dev.atomic.e2e;

import org.jspecify.annotations.Nullable;

final class H2OutageIT extends OutageConformance {
    @Override
    @Nullable Postgres postgres() {
        return null;
    }
}
