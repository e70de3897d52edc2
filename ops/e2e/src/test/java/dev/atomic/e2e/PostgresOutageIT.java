package dev.atomic.e2e;

import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("engine")
final class PostgresOutageIT extends OutageConformance {
    @Override
    Postgres postgres() throws IOException {
        return new Postgres();
    }
}
