package dev.atomic.db.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Against H2 in this process.
@Timeout(60)
class StoreGateTest {
    private static final int MAPS = 40;

    @TempDir private Path folder;

    /// One thread writes the same number into map after map, the other stores. At every moment each
    /// map is at most one ahead of those behind it, and so must it be in all that is stored.
    @Test
    void whatIsStoredIsOneMomentOfAllMaps() throws Exception {
        StoreGateWeaver.weave();
        Path file = folder.resolve("store");
        try (MVStore store =
                new MVStore.Builder()
                        .fileName(file.toString())
                        .autoCommitDisabled()
                        // Only this test's own thread writes the file.
                        .autoCommitBufferSize(0)
                        .open()) {
            List<MVMap<Integer, Integer>> maps = new ArrayList<>();
            for (int i = 0; i < MAPS; i++) {
                maps.add(store.openMap("map" + i));
                maps.getLast().put(0, 0);
            }
            store.commit();
            AtomicBoolean stopped = new AtomicBoolean();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread writer =
                    Thread.ofPlatform()
                            .uncaughtExceptionHandler((_, thrown) -> failure.set(thrown))
                            .start(() -> {
                                for (int n = 1; !stopped.get(); n++) {
                                    for (MVMap<Integer, Integer> map : maps) {
                                        map.put(0, n);
                                    }
                                }
                            });
            int seen = 0;
            try {
                long until = System.nanoTime() + Duration.ofSeconds(4).toNanos();
                while (System.nanoTime() < until) {
                    store.commit();
                    List<Integer> moment = stored(file);
                    assertThat(moment).isSortedAccordingTo((a, b) -> b - a);
                    assertThat(moment.getFirst() - moment.getLast()).isBetween(0, 1);
                    seen++;
                }
            } finally {
                stopped.set(true);
                writer.join();
            }
            assertThat(failure.get()).isNull();
            assertThat(seen).isGreaterThan(20);
        }
    }

    /// While a thread is within a change, nobody can store; what is committed meanwhile is visible
    /// and not on disk.
    @Test
    void nobodyReadsWhatIsNotStored() throws Exception {
        StoreGateWeaver.weave();
        String url = "jdbc:h2:file:" + folder.resolve("read");
        try (Connection writer = DriverManager.getConnection(url);
                Connection reader = DriverManager.getConnection(url);
                Statement insert = writer.createStatement();
                Statement select = reader.createStatement()) {
            insert.execute("set write_delay 0");
            insert.execute("create table t (n int)");
            FutureTask<Integer> inserted =
                    new FutureTask<>(() -> insert.executeUpdate("insert into t values (1)"));
            FutureTask<Integer> seen =
                    new FutureTask<>(() -> {
                        try (ResultSet row = select.executeQuery("select count(*) from t")) {
                            row.next();
                            return row.getInt(1);
                        }
                    });
            StoreGate.beginChange();
            try {
                Thread storing = Thread.ofPlatform().start(inserted);
                await().until(() -> isIn(storing, "beginSnapshot"));
                Thread reading = Thread.ofPlatform().start(seen);
                await().until(() -> isIn(reading, "endRead"));
                assertThat(inserted).isNotDone();
                assertThat(seen).isNotDone();
            } finally {
                StoreGate.endChange();
            }
            assertThat(inserted.get(10, TimeUnit.SECONDS)).isOne();
            assertThat(seen.get(10, TimeUnit.SECONDS)).isOne();
        }
    }

    private static boolean isIn(Thread thread, String method) {
        return thread.getState() == Thread.State.WAITING
                && Arrays.stream(thread.getStackTrace())
                        .anyMatch(frame ->
                                frame.getClassName().equals(StoreGate.class.getName())
                                        && frame.getMethodName().equals(method));
    }

    /// What another process would find now.
    private List<Integer> stored(Path file) throws IOException {
        Path copy = Files.copy(file, folder.resolve("copy"), StandardCopyOption.REPLACE_EXISTING);
        List<Integer> found = new ArrayList<>();
        try (MVStore store = new MVStore.Builder().fileName(copy.toString()).readOnly().open()) {
            for (int i = 0; i < MAPS; i++) {
                found.add((Integer) store.openMap("map" + i).get(0));
            }
        }
        return found;
    }
}
