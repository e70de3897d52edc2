package dev.atomic.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.api.RunningApi.Answer;
import dev.atomic.db.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A cancel locks a job and what its tenant spends in a day; a submit that goes first locks that
/// day and the jobs it puts off. Were it not in one order, the database would end one of two that
/// wait for each other.
class CancelBesideSubmitsIT {
    private static final int ROUNDS = 15;
    private static final int JOBS = 12;

    @Test
    @Timeout(120)
    void nobodyWaitsForTheOtherOnH2() throws Exception {
        cancelsAndSubmitsAtOnce(TestDatabase.h2());
    }

    @Test
    @Tag("engine")
    @Timeout(180)
    void nobodyWaitsForTheOtherOnPostgres() throws Exception {
        cancelsAndSubmitsAtOnce(TestDatabase.postgres());
    }

    private static void cancelsAndSubmitsAtOnce(TestDatabase opened) throws Exception {
        Map<String, String> limits = Map.of("ATOMIC_TENANT_TOKENS_PER_DAY", "100000000");
        try (TestDatabase database = opened;
                RunningApi api = RunningApi.on(database, limits);
                RunningApi another = RunningApi.on(database, limits);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < ROUNDS; round++) {
                List<String> waiting = new ArrayList<>();
                for (int i = 0; i < JOBS; i++) {
                    waiting.add(submit(api, "low").json().get("id").asString());
                }
                List<Future<Answer>> answers = new ArrayList<>();
                for (String id : waiting) {
                    answers.add(threads.submit(() -> api.post("/api/jobs/" + id + "/cancel", "")));
                    answers.add(threads.submit(() -> submit(another, "high")));
                }
                for (Future<Answer> answer : answers) {
                    assertThat(answer.get().status()).as(answer.get().toString()).isEqualTo(202);
                }
            }
        }
    }

    private static Answer submit(RunningApi api, String priority) throws Exception {
        return api.post("/api/jobs", "{\"prompt\":\"p\",\"priority\":\"" + priority + "\"}");
    }
}
