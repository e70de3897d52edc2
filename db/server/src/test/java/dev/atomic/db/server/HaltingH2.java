package dev.atomic.db.server;

import dev.atomic.db.DatabaseSettings;
import java.lang.reflect.Field;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/// The db process, which ends as by `kill -9` at the one moment at which a store that isn't one
/// moment of all maps shows.
///
/// The transaction `row-stored` commits, and so H2 goes over its maps to store them. When it has
/// taken the state of half of those that a transaction like `row-torn` changes, it is held up until
/// `row-torn` has made all its changes and can't go on without the store; with the gate, until
/// `row-torn` can't make its first one. Then it goes on. The process ends when the next store
/// begins: the first is on disk, and nothing of another.
final class HaltingH2 {
    static final int HALTED = 42;
    static final String WITHOUT_GATE = "without-gate";

    private static final int NEVER_CAME = 43;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private HaltingH2() {}

    public static void main(String[] args) throws Exception {
        if (args.length > 0 && args[0].equals(WITHOUT_GATE)) {
            leaveTheGateOut();
        }
        H2Server server = H2Server.start(System.getenv());
        ObservedMaps maps = ObservedMaps.of(storeOf(server));
        try (Connection storing = connect();
                Connection tearing = connect()) {
            ManyTables.insert(storing, "row-stored");
            Set<Integer> changed = changedByATransaction(tearing, maps);
            AtomicBoolean stores = new AtomicBoolean();
            AtomicInteger taken = new AtomicInteger();
            Thread torn =
                    Thread.ofPlatform()
                            .unstarted(() -> {
                                try {
                                    ManyTables.insert(tearing, "row-torn");
                                    tearing.commit();
                                } catch (SQLException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            maps.observe(
                    new ObservedMaps.Observer(
                            () -> {
                                if (!stores.compareAndSet(false, true)) {
                                    Runtime.getRuntime().halt(HALTED);
                                }
                            },
                            id -> {
                                if (changed.contains(id)
                                        && taken.incrementAndGet() == changed.size() / 2) {
                                    torn.start();
                                    awaitSomebodyHeldUp();
                                }
                            }));
            storing.commit();
            torn.join(PATIENCE);
        }
        Runtime.getRuntime().halt(NEVER_CAME);
    }

    /// As if it were woven already.
    private static void leaveTheGateOut() throws ReflectiveOperationException {
        field(StoreGateWeaver.class, "woven").setBoolean(null, true);
    }

    private static MVStore storeOf(H2Server server) throws ReflectiveOperationException {
        JdbcConnection connection = (JdbcConnection) field(H2Server.class, "keptOpen").get(server);
        return ((SessionLocal) connection.getSession()).getDatabase().getStore().getMvStore();
    }

    private static Field field(Class<?> type, String name) throws NoSuchFieldException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    private static Connection connect() throws SQLException {
        DatabaseSettings settings = DatabaseSettings.from(System.getenv());
        Connection connection =
                DriverManager.getConnection(settings.url(), settings.user(), settings.password());
        connection.setAutoCommit(false);
        return connection;
    }

    /// The tables' and their indexes' maps: those which one more transaction makes longer.
    private static Set<Integer> changedByATransaction(
            Connection connection, Map<Integer, MVMap<?, ?>> maps) throws SQLException {
        Map<Integer, Long> before = sizes(maps);
        ManyTables.insert(connection, "row-first");
        connection.commit();
        Map<Integer, Long> after = sizes(maps);
        return before.keySet().stream()
                .filter(id -> after.getOrDefault(id, 0L) > before.get(id))
                .collect(Collectors.toSet());
    }

    private static Map<Integer, Long> sizes(Map<Integer, MVMap<?, ?>> maps) {
        return maps.entrySet().stream()
                .filter(map -> map.getValue().getName().matches("(table|index)\\..*"))
                .collect(Collectors.toMap(Map.Entry::getKey, map -> map.getValue().sizeAsLong()));
    }

    /// By the gate, or by the lock of the store that this thread has.
    private static void awaitSomebodyHeldUp() {
        long began = System.nanoTime();
        while (Thread.getAllStackTraces().entrySet().stream()
                .noneMatch(thread -> isHeldUp(thread.getKey(), thread.getValue()))) {
            if (System.nanoTime() - began > PATIENCE.toNanos()) {
                Runtime.getRuntime().halt(NEVER_CAME);
            }
            Thread.onSpinWait();
        }
    }

    private static boolean isHeldUp(Thread thread, StackTraceElement[] stack) {
        if (thread.getState() != Thread.State.WAITING) {
            return false;
        }
        for (StackTraceElement frame : stack) {
            if (frame.getClassName().equals(StoreGate.class.getName())
                    || frame.getClassName().equals(MVStore.class.getName())) {
                return true;
            }
        }
        return false;
    }
}
