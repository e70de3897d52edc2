package dev.atomic.api.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.api.Browser;
import dev.atomic.api.RunningApi;
import dev.atomic.api.RunningApi.Answer;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.queue.Deliveries;
import dev.atomic.shared.queue.QueueStorage;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jobrunr.storage.BackgroundJobServerStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.transaction.support.TransactionTemplate;

/// JobRunr's dashboard under our rules.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DashboardConformance {
    private static final UUID DELIVERED = UUID.fromString("01990000-0000-7000-8000-000000000001");

    private final Callable<TestDatabase> open;
    private TestDatabase database;
    private RunningApi api;

    @TempDir Path directory;

    DashboardConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        database = open.call();
        api = RunningApi.on(database, Map.of());
        Deliveries deliveries = api.bean(Deliveries.class);
        api.bean(TransactionTemplate.class)
                .executeWithoutResult(
                        _ -> deliveries.enqueue(List.of(new JobStore.Due(DELIVERED, 0))));
        api.bean(QueueStorage.class)
                .announceBackgroundJobServer(
                        new BackgroundJobServerStatus(
                                UUID.randomUUID(),
                                "worker-1",
                                10,
                                5,
                                Duration.ofMinutes(5),
                                Duration.ofMinutes(5),
                                Instant.now(),
                                Instant.now(),
                                true,
                                16L << 30,
                                8L << 30,
                                0.25,
                                1L << 30,
                                1L << 29,
                                1L << 28,
                                0.1));
    }

    @AfterAll
    void stop() {
        api.close();
        database.close();
    }

    @Test
    void thePageIsServedUnderAPolicyThatLetsNothingOut() throws Exception {
        for (String path : new String[] {"", "/", "/overview", "/jobs", "/jobs/" + DELIVERED}) {
            Answer page = api.get("/dashboard" + path);
            assertThat(page.status()).as(path).isEqualTo(200);
            assertThat(page.header("Content-Type")).isEqualTo("text/html;charset=UTF-8");
            String policy = page.header("Content-Security-Policy");
            assertThat(policy).startsWith("default-src 'none'").contains("connect-src 'self'");
            String nonce = policy.replaceFirst(".*'nonce-([^']+)'.*", "$1");
            assertThat(page.text()).contains("nonce=\"" + nonce + "\"");
        }
        assertThat(api.get("/dashboard").header("Content-Security-Policy"))
                .isNotEqualTo(api.get("/dashboard").header("Content-Security-Policy"));
    }

    @Test
    void filesAreServedOnceAndThenKnownByTheirTag() throws Exception {
        String script = api.get("/dashboard").text().replaceFirst("(?s).*src=\"([^\"]+)\".*", "$1");
        Answer first = api.get(script);
        assertThat(first.status()).isEqualTo(200);
        assertThat(first.header("Content-Type")).startsWith("text/javascript");
        assertThat(first.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(api.get(script, "If-None-Match", first.header("ETag")).status()).isEqualTo(304);
        assertThat(api.get("/dashboard/static/js/nothing.js").status()).isEqualTo(404);
        assertThat(api.get("/dashboard/api/nothing").code()).isEqualTo("not_found");
    }

    @Test
    void deliveriesServersAndTheRestCanBeRead() throws Exception {
        Answer jobs =
                api.get("/dashboard/api/jobs?state=ENQUEUED&offset=0&limit=20&order=updatedAt:ASC");
        assertThat(jobs.json().path("items").get(0).path("id").asString())
                .isEqualTo(DELIVERED.toString());
        assertThat(api.get("/dashboard/api/jobs/" + DELIVERED).json().path("jobName").asString())
                .isEqualTo("generation");
        assertThat(api.get("/dashboard/api/servers").json().get(0).path("name").asString())
                .isEqualTo("worker-1");
        assertThat(api.get("/dashboard/api/problems").text()).isEqualTo("[]");
        assertThat(
                        api.get("/dashboard/api/recurring-jobs?offset=0&limit=20")
                                .json()
                                .path("total")
                                .asInt())
                .isZero();
        Answer version = api.get("/dashboard/api/version");
        assertThat(version.json().path("version").asString()).startsWith("8.");
        assertThat(version.json().path("allowAnonymousDataUsage").asBoolean()).isFalse();
        assertThat(api.get("/dashboard/api/vendor/version/jobrunr/latest").status()).isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jobs?state=NOPE",
                "jobs?limit=0",
                "jobs?limit=101",
                "jobs?offset=-1",
                "jobs?order=updatedAt;drop"
            })
    void badQueriesAreRefused(String query) throws Exception {
        assertThat(api.get("/dashboard/api/" + query).code()).isEqualTo("invalid_request");
    }

    @Test
    void whatIsNotThereIsNotFound() throws Exception {
        assertThat(api.get("/dashboard/api/jobs/" + UUID.randomUUID()).status()).isEqualTo(404);
        assertThat(api.get("/dashboard/api/jobs/x").status()).isEqualTo(404);
        assertThat(api.get("/dashboard/api/metadata/a/b").status()).isEqualTo(404);
    }

    @Test
    void everythingElseThanReadingIsRefused() throws Exception {
        for (String path :
                List.of(
                        "",
                        "/jobs",
                        "/static/js/x.js",
                        "/api/jobs",
                        "/api/jobs/" + DELIVERED,
                        "/api/jobs/" + DELIVERED + "/requeue",
                        "/api/recurring-jobs/x",
                        "/api/recurring-jobs/x/trigger",
                        "/api/problems/severe-jobrunr-exception",
                        "/sse/jobstats")) {
            for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
                var request =
                        api.request("/dashboard" + path)
                                .method(method, java.net.http.HttpRequest.BodyPublishers.noBody());
                assertThat(api.send(request.build()).status())
                        .as(method + " " + path)
                        .isEqualTo(405);
            }
        }
        var head = api.request("/dashboard/sse/jobstats").HEAD().build();
        assertThat(api.send(head).status()).isEqualTo(200);
    }

    @Test
    void countsServersAndADeliveryAreStreamed() throws Exception {
        assertThat(firstOf("/dashboard/sse/jobstats")).contains("\"enqueued\":1");
        assertThat(firstOf("/dashboard/sse/servers")).contains("worker-1");
        assertThat(firstOf("/dashboard/sse/jobs/" + DELIVERED)).contains(DELIVERED.toString());
    }

    private String firstOf(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            var response = client.send(api.request(path).build(), BodyHandlers.ofLines());
            try (Stream<String> lines = response.body()) {
                return lines.filter(line -> line.startsWith("data: ")).findFirst().orElseThrow();
            } finally {
                client.shutdownNow();
            }
        }
    }

    /// In a real browser, under the policy: scripts run, data arrives, nothing is asked elsewhere.
    @Test
    void thePagesShowWhatThereIsAndCallNobody() throws Exception {
        try (Browser browser = new Browser(directory)) {
            shows(browser, "overview", "25.00 %", "Avg Process Memory Usage");
            // The graph's script is loaded only when it is needed.
            await().until(
                            () ->
                                    browser.evaluate(
                                            "'' + !!document.querySelector('.apexcharts-svg')"),
                            "true"::equals);
            shows(browser, "jobs?state=ENQUEUED", DELIVERED.toString(), "generation");
            shows(browser, "jobs/" + DELIVERED, DELIVERED.toString(), "RunGeneration");
            assertThat(browser.text()).doesNotContainIgnoringCase("requeue");
            assertThat(browser.evaluate("document.querySelector('#job-link').getAttribute('href')"))
                    .isEqualTo("/#/jobs/" + DELIVERED);
            shows(browser, "jobs?state=SUCCEEDED", "No deliveries here", "last 2 minutes");
            shows(browser, "recurring-jobs", "No recurring jobs found");
            shows(browser, "servers", "worker-1");
            assertThat(browser.requests)
                    .allMatch(url ->
                            url.startsWith(api.uri("/dashboard").toString())
                                    || url.startsWith("data:"));
            assertThat(browser.complaints).isEmpty();
        }
    }

    private void shows(Browser browser, String page, String... texts) throws Exception {
        browser.open(api.uri("/dashboard/" + page));
        try {
            await().until(browser::text, text -> Stream.of(texts).allMatch(text::contains));
        } finally {
            browser.screenshot(
                    Path.of(
                            "target/screenshots",
                            page.replaceAll("\\W.*", "") + page.length() + ".png"));
        }
    }
}
