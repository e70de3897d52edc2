package dev.atomic.api.admission;

import static dev.atomic.api.admission.AtOnce.atOnce;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.api.RunningApi;
import dev.atomic.api.RunningApi.Answer;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.relay.SocketClient;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.Json;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.checkpoint.UsageStore;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobHead;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.job.WaitingJobs;
import dev.atomic.shared.transition.Transition;
import dev.atomic.shared.transition.Transitions;
import java.net.http.HttpClient;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/// What a tenant may have, by two apis on one database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
abstract class TenantLimitsConformance {
    private static final int WAITING = 8;
    private static final int A_MINUTE = 12;
    private static final String BODY = "{\"prompt\":\"p\"}";

    private final Callable<TestDatabase> open;
    private TestDatabase database;
    private RunningApi api;
    private RunningApi another;
    private JdbcClient jdbc;

    TenantLimitsConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        database = open.call();
        Map<String, String> variables =
                Map.of(
                        "ATOMIC_TENANT_MAX_WAITING",
                        Integer.toString(WAITING),
                        "ATOMIC_TENANT_SUBMITS_PER_MINUTE",
                        Integer.toString(A_MINUTE),
                        "ATOMIC_TENANT_USD_PER_DAY",
                        "200",
                        "ATOMIC_TENANT_TOKENS_PER_DAY",
                        "1000000",
                        "ATOMIC_JOB_MAX_COST_USD",
                        "10");
        api = RunningApi.on(database, variables);
        another = RunningApi.on(database, variables);
        jdbc = JdbcClient.create(database.dataSource());
    }

    @AfterAll
    void stop() {
        another.close();
        api.close();
        database.close();
    }

    @BeforeEach
    void nobodyHasAnything() {
        jdbc.sql("delete from idempotency").update();
        jdbc.sql("delete from job").update();
        jdbc.sql("delete from tenant_queue").update();
        jdbc.sql("delete from tenant_day").update();
    }

    @Test
    void submitsAtOnceToTwoApisAreAdmittedUpToTheLimitExactly() throws Exception {
        long began = System.nanoTime();
        List<Answer> answers = sixtyAtOnce();
        assertThat(answers).filteredOn(a -> a.status() == 202).hasSize(WAITING);
        assertThat(count("select count(*) from job")).isEqualTo(WAITING);
        assertThat(answers)
                .filteredOn(a -> a.status() != 202)
                .hasSize(60 - WAITING)
                .allSatisfy(a -> {
                    assertThat(a.status()).isEqualTo(429);
                    assertThat(a.code()).isEqualTo("tenant_waiting_limit");
                    assertThat(a.header("Content-Type")).startsWith("application/problem+json");
                    assertThat(a.header("Retry-After")).isEqualTo("5");
                    assertThat(a.header("RateLimit-Policy"))
                            .isEqualTo("\"waiting\";q=8;qu=\"concurrent-requests\"");
                    assertThat(a.header("RateLimit")).isEqualTo("\"waiting\";r=0;t=5");
                });

        startThoseThatWait();
        List<Answer> more = sixtyAtOnce();
        // On a machine that takes its time the bucket fills meanwhile.
        long filled = (System.nanoTime() - began) / 1_000_000 * A_MINUTE / 60_000;
        assertThat(more)
                .filteredOn(a -> a.status() == 202)
                .hasSizeBetween(
                        A_MINUTE - WAITING, (int) Math.min(WAITING, A_MINUTE - WAITING + filled));
        assertThat(more)
                .filteredOn(a -> a.code().equals("tenant_rate_limit"))
                .isNotEmpty()
                .allSatisfy(a -> {
                    assertThat(a.status()).isEqualTo(429);
                    int after = Integer.parseInt(a.header("Retry-After"));
                    assertThat(after).isBetween(1, 60 / A_MINUTE);
                    assertThat(a.header("RateLimit-Policy")).isEqualTo("\"submits\";q=12;w=60");
                    assertThat(a.header("RateLimit")).isEqualTo("\"submits\";r=0;t=" + after);
                });
    }

    @Test
    void aRepeatOfWhatWasAdmittedIsAnsweredAndCountsForNothing() throws Exception {
        Answer first = api.post("/api/jobs", BODY, "Idempotency-Key", "k");
        for (int i = 0; i < 3 * A_MINUTE; i++) {
            Answer repeat = another.post("/api/jobs", BODY, "Idempotency-Key", "k");
            assertThat(repeat.status()).isEqualTo(202);
            assertThat(repeat.json().get("id")).isEqualTo(first.json().get("id"));
        }
        for (int i = 1; i < WAITING; i++) {
            assertThat(api.post("/api/jobs", BODY).status()).isEqualTo(202);
        }
        assertThat(api.post("/api/jobs", BODY, "Idempotency-Key", "other").status()).isEqualTo(429);
        assertThat(api.post("/api/jobs", BODY, "Idempotency-Key", "k").status()).isEqualTo(202);
        startThoseThatWait();
        assertThat(api.post("/api/jobs", BODY, "Idempotency-Key", "other").status())
                .as("a refused submit isn't remembered")
                .isEqualTo(202);
    }

    @Test
    void oneTenantsLimitIsNoOthers() {
        Submissions submissions = api.bean(Submissions.class);
        JsonNode body = Json.STRICT.readTree(BODY);
        for (String tenant : List.of("one", "two")) {
            for (int i = 0; i < WAITING; i++) {
                submissions.submit(tenant, Kind.GENERATE, body, null);
            }
            assertThatThrownBy(() -> submissions.submit(tenant, Kind.GENERATE, body, null))
                    .isInstanceOf(ProblemException.class)
                    .hasMessage(
                            "You have 8 jobs waiting, which is your limit; try again when one has"
                                    + " started.");
        }
    }

    /// What counts was stored by a version, or with settings, that didn't count.
    @Test
    void jobsThatNobodyCountedAreCounted() throws Exception {
        for (int i = 0; i < WAITING; i++) {
            api.post("/api/jobs", BODY);
        }
        jdbc.sql("update tenant_queue set waiting_at_most = null").update();
        assertThat(api.post("/api/jobs", BODY).code()).isEqualTo("tenant_waiting_limit");
    }

    @Test
    void everyDoorSaysItInItsOwnWay() throws Exception {
        for (int i = 0; i < WAITING; i++) {
            api.post("/api/jobs", BODY);
        }
        try (HttpClient http = HttpClient.newHttpClient();
                SocketClient socket = SocketClient.open(http, api.port())) {
            socket.send("{'prompt':'p','ref':'mine'}");
            JsonNode refused = socket.next();
            assertThat(refused.path("type").asString()).isEqualTo("error");
            assertThat(refused.path("ref").asString()).isEqualTo("mine");
            assertThat(refused.path("code").asString()).isEqualTo("tenant_waiting_limit");
            assertThat(refused.path("retry_after").asInt()).isEqualTo(5);
        }
        for (String route : List.of("/v1/responses", "/v1/chat/completions")) {
            String body =
                    route.endsWith("responses")
                            ? "{\"input\":\"p\"}"
                            : "{\"messages\":[{\"role\":\"user\",\"content\":\"p\"}]}";
            Answer refused = api.post(route, body);
            assertThat(refused.status()).as(refused.toString()).isEqualTo(429);
            assertThat(refused.header("Retry-After")).isEqualTo("5");
            JsonNode error = refused.json().path("error");
            assertThat(error.path("type").asString()).isEqualTo("rate_limit_error");
            assertThat(error.path("code").asString()).isEqualTo("rate_limit_exceeded");
        }
        Answer called =
                api.post(
                        "/mcp",
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":"
                                + "{\"name\":\"generate_code\",\"arguments\":"
                                + BODY
                                + "}}");
        JsonNode result = called.json().path("result");
        assertThat(result.path("isError").asBoolean()).isTrue();
        assertThat(result.at("/content/0/text").asString())
                .startsWith("tenant_waiting_limit: You have 8 jobs waiting")
                .endsWith("Wait 5 s before you try again.");
        String meters = api.get("/actuator/prometheus").text();
        assertThat(meters)
                .containsPattern(
                        "atomic_admission_refused_total\\{.*code=\"tenant_waiting_limit\".*\\} [1-9]");
    }

    @Test
    void whatJobsMayCostNeverPassesTheDaysMoney() throws Exception {
        today(150, 0);
        List<Answer> answers = sixtyAtOnce();
        assertThat(answers).filteredOn(a -> a.status() == 202).hasSize(5);
        assertThat(answers)
                .filteredOn(a -> a.status() != 202)
                .allSatisfy(a -> {
                    assertThat(a.status()).isEqualTo(429);
                    assertThat(a.code()).isEqualTo("tenant_usd_limit");
                    assertThat(a.json().get("detail").asString())
                            .startsWith(
                                    "This job may cost 10 USD, and of your 200 USD for today 200");
                    int after = Integer.parseInt(a.header("Retry-After"));
                    assertThat(after).isBetween(1, 86_400);
                    assertThat(a.header("RateLimit-Policy"))
                            .isEqualTo("\"usd\";q=20000;w=86400;qu=\"usd-cents\"");
                    assertThat(a.header("RateLimit")).isEqualTo("\"usd\";r=0;t=" + after);
                });
        assertThat(api.post("/api/jobs", "{\"prompt\":\"p\",\"max_cost_usd\":0}").status())
                .as("one that may cost nothing")
                .isEqualTo(202);
        assertThat(
                        api.post(
                                        "/api/execute",
                                        "{\"language\":\"python\",\"files\":[],\"command\":[\"true\"]}",
                                        "Prefer",
                                        "respond-async")
                                .status())
                .as("one that asks no model")
                .isEqualTo(202);
    }

    @Test
    void whatJobsMayTakeNeverPassesTheDaysTokens() throws Exception {
        // Three stages with 4,000 tokens each, and a prompt of no token.
        today(0, 1_000_000 - 3 * 12_000);
        List<Answer> answers = sixtyAtOnce();
        assertThat(answers).filteredOn(a -> a.status() == 202).hasSize(3);
        assertThat(answers)
                .filteredOn(a -> a.status() != 202)
                .allSatisfy(a -> {
                    assertThat(a.code()).isEqualTo("tenant_token_limit");
                    assertThat(a.header("RateLimit-Policy"))
                            .isEqualTo("\"tokens\";q=1000000;w=86400;qu=\"tokens\"");
                });
    }

    @Test
    void whatJobsCostTakesThePlaceOfWhatWasSetAside() throws Exception {
        for (int i = 0; i < WAITING; i++) {
            api.post("/api/jobs", BODY);
        }
        assertThat(day()).isEqualTo("spent 0 0, reserved 80000000000 96000");
        String waits = jdbc.sql("select id from job limit 1").query(UUID.class).single().toString();
        assertThat(api.post("/api/jobs/" + waits + "/cancel", "").status()).isEqualTo(202);
        assertThat(day()).isEqualTo("spent 0 0, reserved 70000000000 84000");
        List<Job> running =
                api.bean(WaitingJobs.class).claimNext(WAITING, UUID.randomUUID()).jobs().stream()
                        .map(JobStore.Claimed::job)
                        .toList();
        assertThat(running).hasSize(WAITING - 1);
        atOnce(
                running.size(),
                i -> {
                    end(i % 2 == 0 ? api : another, running.get(i));
                    return i;
                });
        assertThat(day()).isEqualTo("spent 1400000007 210, reserved 0 0");
    }

    private void end(RunningApi with, Job job) {
        with.bean(TransactionTemplate.class)
                .executeWithoutResult(_ -> {
                    UsageStore usage = with.bean(UsageStore.class);
                    usage.add(
                            job,
                            new UsageStore.Paid(
                                    StageName.SPEC, "p", new Usage(10, 5, 0.200000001, false)));
                    usage.add(
                            job,
                            new UsageStore.Paid(StageName.CODE, "q", new Usage(10, 5, null, true)));
                    JobHead head = with.bean(JobStore.class).head(job.id()).orElseThrow();
                    assertThat(
                                    with.bean(Transitions.class)
                                            .apply(
                                                    Transitions.Place.of(head),
                                                    new Transition.End(JobState.SUCCEEDED, null),
                                                    new Transitions.Told(
                                                            new JobEvent.Succeeded(),
                                                            Instant.now())))
                            .isTrue();
                });
    }

    /// What the default tenant has spent today, and tomorrow should that be today by then.
    private void today(long dollars, long tokens) {
        for (int day = 0; day < 2; day++) {
            jdbc.sql("insert into tenant_day values ('default', ?, ?, ?, 0, 0)")
                    .params(
                            LocalDate.now(ZoneOffset.UTC).plusDays(day),
                            dollars * 1_000_000_000,
                            tokens)
                    .update();
        }
    }

    /// All days, as they may be two.
    private String day() {
        return jdbc.sql(
                        """
                        select sum(spent_nanos) as nanos, sum(spent_tokens) as tokens,
                               sum(reserved_nanos) as reserved, sum(reserved_tokens) as reserved_tokens
                        from tenant_day
                        """)
                .query((row, _) ->
                        "spent %d %d, reserved %d %d"
                                .formatted(
                                        row.getLong(1),
                                        row.getLong(2),
                                        row.getLong(3),
                                        row.getLong(4)))
                .single();
    }

    private List<Answer> sixtyAtOnce() throws Exception {
        return atOnce(60, i -> (i % 2 == 0 ? api : another).post("/api/jobs", BODY));
    }

    private void startThoseThatWait() {
        WaitingJobs waiting = api.bean(WaitingJobs.class);
        assertThat(waiting.claimNext(WAITING, UUID.randomUUID()).jobs()).hasSize(WAITING);
    }

    private int count(String sql) {
        return jdbc.sql(sql).query(Integer.class).single();
    }
}
