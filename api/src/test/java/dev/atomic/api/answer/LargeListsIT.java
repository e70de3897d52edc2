package dev.atomic.api.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.ApiApplication;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.OwnProcess;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.TestJobs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Lists of the largest jobs there are, many at once, in an api of 256 MiB.
class LargeListsIT {
    private static final int JOBS = 100;
    private static final int CLIENTS = 20;
    private static final String LIST = "/api/jobs?limit=" + JOBS;

    @Test
    void eachIsAnsweredOrToldToComeBack() throws Exception {
        try (TestDatabase database = TestDatabase.h2()) {
            admit(database);
            Map<String, String> variables = new HashMap<>(database.variables());
            variables.put("ATOMIC_HTTP_PORT", "0");
            try (OwnProcess api = OwnProcess.start(ApiApplication.class, variables, Map.of());
                    var threads = Executors.newFixedThreadPool(CLIENTS)) {
                String host = "localhost:" + api.port();
                List<Future<String>> answers = new ArrayList<>();
                for (int i = 0; i < CLIENTS; i++) {
                    answers.add(threads.submit(() -> statusLine(api.get(LIST, host, ""))));
                }
                List<String> statuses = new ArrayList<>();
                for (Future<String> answer : answers) {
                    statuses.add(answer.get());
                }
                assertThat(statuses)
                        .contains("HTTP/1.1 200")
                        .containsOnly("HTTP/1.1 200", "HTTP/1.1 503 Retry-After");
                String whole = api.get(LIST, host, "");
                assertThat(whole)
                        .as(api.log())
                        .startsWith("HTTP/1.1 200")
                        .endsWith("\"next_cursor\":null}\r\n0\r\n\r\n");
                assertThat(api.log()).doesNotContain("OutOfMemoryError");
            }
        }
    }

    private static String statusLine(String answer) {
        String status = answer.substring(0, Math.min(12, answer.length()));
        return status + (answer.contains("Retry-After: ") ? " Retry-After" : "");
    }

    private static void admit(TestDatabase database) {
        JobStore jobs = new JobStore(JdbcClient.create(database.dataSource()), database.dialect());
        JobStore.NewJob like = TestJobs.job();
        JobInput input = like.asked().input();
        JobInput.Run run = like.run();
        JobInput large =
                new JobInput(
                        "\uD83D\uDE00".repeat(64 * 1024),
                        input.language(),
                        input.framework(),
                        input.metadata(),
                        input.pipeline(),
                        input.policy(),
                        input.model(),
                        input.maxTokens(),
                        input.temperature(),
                        input.instructions(),
                        input.maxRepairs(),
                        input.timeoutSeconds(),
                        null,
                        null);
        JobInput.Run largest =
                new JobInput.Run(
                        run.kind(),
                        run.command(),
                        run.args(),
                        "x".repeat(1024 * 1024),
                        run.limits(),
                        run.collect(),
                        run.checks());
        for (int i = 0; i < JOBS; i++) {
            jobs.insert(
                    List.of(
                            new JobStore.NewJob(
                                    TestJobs.job().id(),
                                    like.tenantId(),
                                    like.traceId(),
                                    new Job.Asked(
                                            like.asked().kind(),
                                            like.asked().priority(),
                                            large,
                                            like.asked().maxAttempts(),
                                            null,
                                            null),
                                    largest,
                                    like.createdAt(),
                                    i,
                                    null)));
        }
    }
}
