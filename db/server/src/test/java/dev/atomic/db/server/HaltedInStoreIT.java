package dev.atomic.db.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The process ends in the middle of a transaction, right after what H2 holds was stored. Not by
/// chance, as in [H2KilledIT], but at the moment that tears ([HaltingH2]).
class HaltedInStoreIT {
    private static final int ROUNDS = Integer.getInteger("halt.rounds", 2);

    @TempDir private Path folder;

    @Test
    @Timeout(300)
    void ofATransactionAllIsThereOrNothing() throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            List<List<String>> left = leftInEachTableAndIndex(folder.resolve("round" + round));
            assertThat(left)
                    .as("round %s", round)
                    .hasSize(10)
                    .containsOnly(List.of("row-first", "row-stored"));
        }
    }

    /// What shows that the test above sees what it is there for: the same without the gate.
    @Test
    @Timeout(300)
    void withoutTheGateEachTimeHalfATransactionIsLeft() throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            List<List<String>> left =
                    leftInEachTableAndIndex(
                            folder.resolve("round" + round), HaltingH2.WITHOUT_GATE);
            assertThat(left)
                    .as("round %s", round)
                    .allSatisfy(names -> assertThat(names).contains("row-first", "row-stored"))
                    .anySatisfy(names -> assertThat(names).contains("row-torn"))
                    .anySatisfy(names -> assertThat(names).doesNotContain("row-torn"));
        }
    }

    private static List<List<String>> leftInEachTableAndIndex(Path home, String... arguments)
            throws Exception {
        int port = TestDatabase.freePort();
        try (H2Process halting = H2Process.launch(home, port, HaltingH2.class, arguments)) {
            assertThat(halting.awaitExit())
                    .as("its end; it said %s", halting.errors())
                    .isEqualTo(HaltingH2.HALTED);
        }
        try (H2Process server = H2Process.launch(home, port).awaitReady();
                Connection connection = server.connect()) {
            return ManyTables.everywhere(connection);
        }
    }
}
