package dev.atomic.worker.maintenance;

import dev.atomic.shared.model.ModelProvider;
import dev.atomic.shared.model.ModelProviders;
import dev.atomic.worker.agent.AgentClient;
import dev.atomic.worker.agent.Frame;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// What this host's agent said last: whether it is up, and its providers, which are told to the
/// database when they change and once a minute.
///
/// Thread-safe.
@Component
final class AgentNews {
    private static final Duration AGAIN = Duration.ofMinutes(1);
    private static final Duration FORGET = Duration.ofDays(1);

    private final AgentClient agent;
    private final ModelProviders providers;
    private volatile Frame.@Nullable Health said;
    private @Nullable List<ModelProvider> told;
    private long toldAt;

    AgentNews(AgentClient agent, ModelProviders providers) {
        this.agent = agent;
        this.providers = providers;
    }

    /// Asks the agent; waits for its answer.
    void ask() {
        said = agent.health();
    }

    boolean isUp() {
        Frame.Health last = said;
        return last != null && last.isHealthy();
    }

    /// Writes what it said, if there is news.
    ///
    /// @throws org.springframework.dao.DataAccessException when it can't be written
    synchronized void tell(String host) {
        Frame.Health last = said;
        if (last == null || last.providers().isEmpty()) {
            return;
        }
        boolean due = told == null || System.nanoTime() - toldAt > AGAIN.toNanos();
        if (due) {
            providers.forget(FORGET);
        }
        if (due || !last.providers().equals(told)) {
            providers.tell(host, last.providers());
            told = last.providers();
            toldAt = System.nanoTime();
        }
    }
}
