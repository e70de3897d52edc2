package dev.atomic.worker.pipeline;

import dev.atomic.shared.Json;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.job.StageName;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.event.DatabaseOutage;
import java.util.List;

/// What a stage cost in a run that was lost. The model was paid, and nobody was left to report it.
final class LostUsage {
    private LostUsage() {}

    /// Counts what was streamed since the stage last began, at four characters a token, marked as
    /// estimated.
    static Usage of(Claim claim, EventLog log, StageName stage, int round) {
        long chars = 0;
        long after = 0;
        List<LoggedEvent> page;
        do {
            long from = after;
            page = DatabaseOutage.outlast(claim, () -> log.read(claim.job().id(), from, 1_000));
            for (LoggedEvent event : page) {
                after = event.seq();
                if (event.type().equals("stage_started")) {
                    chars = 0;
                } else if (event.type().equals("chunk")) {
                    JobEvent.Chunk chunk = Json.read(event.payload(), JobEvent.Chunk.class);
                    if (chunk.stage() == stage && chunk.round() == round) {
                        chars += chunk.delta().length();
                    }
                }
            }
        } while (!page.isEmpty());
        return chars == 0 ? Usage.NONE : new Usage(0, (chars + 3) / 4, null, true);
    }
}
