package dev.atomic.worker.maintenance;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.springframework.stereotype.Component;

/// What one of many workers does now and then. Each worker hears with its heartbeat what is due;
/// the task then takes the turn, so of those that hear it at once one does it. If each worker asked
/// for each turn by itself, a thousand of them would ask 230 times a second.
///
/// Thread-safe.
@Component
public final class Upkeep {
    private final Map<String, Runnable> tasks = new ConcurrentHashMap<>();

    /// @param turn as [dev.atomic.shared.upkeep.MaintenanceTurns] knows it
    /// @param task takes the turn and does what is due; throws nothing
    public void add(String turn, Runnable task) {
        tasks.put(turn, task);
    }

    /// Has done what is due.
    void run(Set<String> due, Executor threads) {
        for (String turn : due) {
            Runnable task = tasks.get(turn);
            if (task != null) {
                threads.execute(task);
            }
        }
    }
}
