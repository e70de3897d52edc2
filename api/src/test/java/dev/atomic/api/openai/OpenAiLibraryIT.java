package dev.atomic.api.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.NodeClients;
import dev.atomic.api.RunningApi;
import dev.atomic.api.openai.fold.JobLogs;
import dev.atomic.db.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// OpenAI's own library for Node against the real api: its accumulator throws at the first event
/// that is out of place.
class OpenAiLibraryIT {
    @Test
    void theLibraryTakesEveryLogFromEveryPoint(@TempDir Path directory) throws Exception {
        try (TestDatabase database = TestDatabase.h2();
                RunningApi api = RunningApi.on(database, Map.of());
                PlayedJobs _ = new PlayedJobs(api)) {
            List<String> arguments = new ArrayList<>(List.of(api.uri("").toString()));
            arguments.addAll(JobLogs.each().keySet());
            String printed =
                    NodeClients.run(
                            directory,
                            NodeClients.CLIENTS,
                            "openai.mjs",
                            arguments.toArray(String[]::new));
            assertThat(printed).contains("all is as it should be");
        }
    }
}
