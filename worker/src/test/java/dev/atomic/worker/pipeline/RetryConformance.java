package dev.atomic.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.Json;
import dev.atomic.shared.Variables;
import dev.atomic.shared.checkpoint.CheckpointStore;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.checkpoint.UsageStore;
import dev.atomic.shared.file.FileContents;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.followup.FollowUpStore;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.telemetry.Traces;
import dev.atomic.shared.upkeep.MaintenanceTurns;
import dev.atomic.shared.webhook.WebhookRules;
import dev.atomic.shared.webhook.WebhookSecrets;
import dev.atomic.shared.webhook.WebhookStore;
import dev.atomic.worker.WorkerDatabase;
import dev.atomic.worker.agent.AgentClient;
import dev.atomic.worker.agent.AgentSettings;
import dev.atomic.worker.agent.FakeAgent;
import dev.atomic.worker.claim.Claims;
import dev.atomic.worker.event.EventWriter;
import dev.atomic.worker.maintenance.DueJobs;
import dev.atomic.worker.memory.JobMemory;
import dev.atomic.worker.sandbox.Sandbox;
import dev.atomic.worker.sandbox.SandboxSettings;
import dev.atomic.worker.webhook.WebhookDelivery;
import dev.atomic.worker.webhook.WebhookSender;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// What follows from a provider's error that another attempt may mend, and from an answer that
/// can't be read.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class RetryConformance {
    private static final Failure OVERLOADED =
            new Failure(FailureCode.RATE_LIMITED, "come back tomorrow", StageName.SPEC, true);

    private final Callable<TestDatabase> open;
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    private final UUID worker = UUID.randomUUID();
    private WorkerDatabase db;
    private FakeAgent agent;
    private AgentClient client;
    private EventWriter writer;
    private Sandbox sandbox;
    private Claims claims;
    private DueJobs due;
    private GenerationHandler handler;
    private volatile int retryAfterMs;
    private volatile boolean spent;
    private volatile boolean hangs;
    private final Deque<String> answers = new ConcurrentLinkedDeque<>();
    private final List<String> prompts = new CopyOnWriteArrayList<>();
    private volatile boolean dear;

    @TempDir static Path directory;

    RetryConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        db = new WorkerDatabase(open.call());
        Path socket = directory.resolve(getClass().getSimpleName() + ".sock");
        agent =
                new FakeAgent(
                        socket,
                        true,
                        (peer, id, asked) -> {
                            if (!answers.isEmpty()) {
                                prompts.add(asked.get("prompt").asString());
                                peer.end(id, 0, answers.removeFirst());
                                return;
                            }
                            if (hangs) {
                                peer.chunk(id, 0, "half an answ");
                                return;
                            }
                            if (dear) {
                                peer.end(id, 0, "a specification", 0.5);
                                return;
                            }
                            if (spent) {
                                peer.thought(id, "hm");
                                peer.chunk(id, 1, "half an answ");
                            }
                            peer.error(id, error(id));
                        });
        Duration most = Duration.ofSeconds(30);
        client = new AgentClient(new AgentSettings(socket, 4, most, most, most, most, most));
        writer =
                new EventWriter(
                        db.jobs,
                        db.log,
                        db.transitions,
                        db.transactions,
                        db.signals,
                        db.clock,
                        db.meters);
        sandbox =
                new Sandbox(
                        SandboxSettings.from(new Variables(Map.of()), 1),
                        "test",
                        Clock.systemUTC(),
                        db.meters);
        claims = db.claims(worker);
        due = new DueJobs(db.stranded, db.deliveries, db.transactions, db.signals);
        handler =
                new GenerationHandler(
                        claims, pipeline(), writer, due, timer, db.meters, webhooks(), Traces.OFF);
    }

    private Map<String, Object> error(String id) {
        Map<String, Object> error =
                new HashMap<>(
                        Map.of(
                                "request_id",
                                id,
                                "code",
                                OVERLOADED.code().wire(),
                                "message",
                                OVERLOADED.message(),
                                "retryable",
                                true));
        if (retryAfterMs > 0) {
            error.put("retry_after_ms", retryAfterMs);
        }
        if (spent) {
            error.putAll(
                    Map.of(
                            "input_tokens",
                            70,
                            "output_tokens",
                            30,
                            "cost_usd",
                            0.5,
                            "model",
                            "m",
                            "provider",
                            "p"));
        }
        return error;
    }

    private WebhookDelivery webhooks() {
        Variables none = new Variables(Map.of());
        return new WebhookDelivery(
                new MaintenanceTurns(db.jdbc),
                new WebhookStore(db.jdbc),
                db.jobs,
                new WebhookSecrets(db.jdbc),
                new WebhookSender(
                        WebhookRules.from(none),
                        (SSLSocketFactory) SSLSocketFactory.getDefault(),
                        timer),
                timer,
                db.clock,
                db.meters);
    }

    private GenerationPipeline pipeline() {
        return new GenerationPipeline(
                new ModelStage(
                        StageName.SPEC,
                        client,
                        Writings.spec(),
                        JobMemory.ofThisProcess(),
                        db.meters),
                new ModelStage(
                        StageName.CODE,
                        client,
                        Writings.code(),
                        JobMemory.ofThisProcess(),
                        db.meters),
                new VerifyStage(sandbox, JobMemory.ofThisProcess(), db.meters),
                new ModelStage(
                        StageName.DOCS,
                        client,
                        Writings.docs(),
                        JobMemory.ofThisProcess(),
                        db.meters),
                new PipelineRuns(
                        new CheckpointStore(db.jdbc),
                        new FileStore(db.jdbc, new FileContents(db.jdbc, db.database.dialect())),
                        new FollowUpStore(db.jdbc),
                        db.jobs,
                        db.usage,
                        db.log,
                        writer),
                db.meters);
    }

    @AfterAll
    void stop() throws Exception {
        timer.shutdownNow();
        sandbox.close();
        client.close();
        agent.close();
        writer.close();
        db.close();
    }

    @Test
    void aProvidersDelayThatPassesTheDeadlineEndsTheJobAtOnceWithTheProvidersError() {
        retryAfterMs = 86_400_000;
        Job job = run(900);
        assertThat(job.course().state()).isEqualTo(JobState.FAILED);
        assertThat(job.result().error()).isEqualTo(OVERLOADED);
        assertThat(db.types(job.id()))
                .containsExactly("queued", "started", "stage_started", "stage_completed", "failed");
    }

    @Test
    void ourOwnDelayThatPassesTheDeadlineEndsTheJobAtOnceWithTheProvidersError() {
        retryAfterMs = 0;
        Job job = run(1);
        assertThat(job.course().state()).isEqualTo(JobState.FAILED);
        assertThat(job.result().error()).isEqualTo(OVERLOADED);
    }

    @Test
    void aDelayWithinTheDeadlineIsWaitedFor() {
        retryAfterMs = 300_000;
        Job job = run(900);
        assertThat(job.course().state()).isEqualTo(JobState.QUEUED);
        assertThat(db.types(job.id()))
                .containsExactly("queued", "started", "stage_started", "retrying");
        assertThat(db.log.read(job.id(), 3, 1).getFirst().payload())
                .contains("300000", "\"message\":\"come back tomorrow\"");
    }

    @Test
    void whatABrokenOffAttemptCostIsCountedOnce() {
        spent = true;
        try {
            retryAfterMs = 0;
            UUID id = db.admit();
            db.enqueue(List.of(id));
            handler.accept(db.claimNext(claims));
            assertThat(db.usage.of(id)).containsExactly(paid(new Usage(70, 30, 0.5, false)));
            assertThat(db.types(id))
                    .containsExactly(
                            "queued", "started", "stage_started", "chunk", "chunk", "retrying");

            db.jdbc
                    .sql("update job set due_at = created_at where id = :id")
                    .param("id", id)
                    .update();
            due.deliver();
            handler.accept(db.claimNext(claims));
            assertThat(db.usage.of(id)).containsExactly(paid(new Usage(140, 60, 1.0, false)));
            assertThat(db.log.read(id, 7, 1).getFirst().payload()).contains("\"retry\"");
        } finally {
            spent = false;
        }
    }

    @Test
    void whatAnAnswerHadCostAtTheJobsDeadlineIsCounted() {
        hangs = true;
        try {
            Job job = run(1);
            assertThat(job.result().error().code()).isEqualTo(FailureCode.DEADLINE_EXCEEDED);
            assertThat(db.usage.of(job.id()))
                    .containsExactly(
                            new UsageStore.Paid(StageName.SPEC, null, new Usage(0, 3, null, true)));
        } finally {
            hangs = false;
        }
    }

    @Test
    void anAnswerWhoseProgramCantBeToldIsAskedForOnceMoreInTheRightForm() {
        String unclear = "```python\na = 1\n```\nor\n```python\nb = 1\n```\n";
        Job job = runCode(unclear, "```python main.py\nb = 1\n```\n");
        assertThat(job.course().state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(db.types(job.id()))
                .containsExactly(
                        "queued",
                        "started",
                        "stage_started",
                        "chunk",
                        "stage_reset",
                        "stage_started",
                        "chunk",
                        "file",
                        "stage_completed",
                        "succeeded");
        assertThat(prompts).hasSize(2);
        assertThat(prompts.getLast())
                .contains("2 code blocks that may be the program", unclear.strip())
                .contains("What is asked:\n\nprompt");
        assertThat(db.usage.of(job.id()))
                .containsExactly(
                        new UsageStore.Paid(StageName.CODE, "p", new Usage(14, 6, null, false)));
    }

    @Test
    void anAnswerWithoutCodeIsAskedForCodeOnce() {
        Job job = runCode("I'd rather not.", "I still would not.");
        assertThat(job.result().error().code()).isEqualTo(FailureCode.NO_CODE);
        assertThat(prompts).hasSize(2);
        assertThat(answers).isEmpty();
    }

    @Test
    void aSecondAnswerThatIsNoClearerIsTakenAsItIs() {
        String unclear = "```python\na = 1\n```\nor\n```python\nbc = 1\n```\n";
        Job job = runCode(unclear, unclear);
        assertThat(job.course().state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(prompts).hasSize(2);
    }

    /// Runs a job of the stage `code` alone.
    private Job runCode(String... given) {
        prompts.clear();
        answers.addAll(List.of(given));
        UUID id = db.admit();
        int changed =
                db.jdbc
                        .sql(
                                """
                                update job_request
                                set input = replace(input, '["spec","code","verify","docs"]', '["code"]')
                                where job_id = :id and input like '%["spec","code","verify","docs"]%'
                                """)
                        .param("id", id)
                        .update();
        assertThat(changed).isEqualTo(1);
        db.enqueue(List.of(id));
        handler.accept(db.claimNext(claims));
        return db.job(id);
    }

    @Test
    void noModelIsAskedAnyMoreOnceTheJobCostsMoreThanItMay() {
        dear = true;
        try {
            int before = agent.requests.get();
            Job job = run(900, 0.4);
            assertThat(job.course().state()).isEqualTo(JobState.FAILED);
            assertThat(job.result().error())
                    .isEqualTo(
                            Failure.of(
                                    FailureCode.MAX_COST_EXCEEDED,
                                    "the job's models have cost 0.5 USD, and max_cost_usd is 0.4",
                                    StageName.SPEC));
            assertThat(db.types(job.id())).endsWith("stage_completed", "failed");
            assertThat(agent.requests.get() - before).isOne();
            assertThat(db.usage.of(job.id())).containsExactly(paid(new Usage(7, 3, 0.5, false)));
        } finally {
            dear = false;
        }
    }

    @Test
    void whatFailedAttemptsCostCountsToo() {
        spent = true;
        try {
            retryAfterMs = 0;
            UUID id = admit(900, 0.6);
            handler.accept(db.claimNext(claims));
            assertThat(db.job(id).course().state()).isEqualTo(JobState.QUEUED);
            db.jdbc
                    .sql("update job set due_at = created_at where id = :id")
                    .param("id", id)
                    .update();
            due.deliver();
            handler.accept(db.claimNext(claims));
            assertThat(db.job(id).result().error().code()).isEqualTo(FailureCode.MAX_COST_EXCEEDED);
            assertThat(db.usage.of(id)).containsExactly(paid(new Usage(140, 60, 1.0, false)));
        } finally {
            spent = false;
        }
    }

    private static UsageStore.Paid paid(Usage usage) {
        return new UsageStore.Paid(StageName.SPEC, "p", usage);
    }

    private Job run(int timeoutSeconds) {
        return run(timeoutSeconds, null);
    }

    private Job run(int timeoutSeconds, @Nullable Double maxCost) {
        UUID id = admit(timeoutSeconds, maxCost);
        handler.accept(db.claimNext(claims));
        return db.job(id);
    }

    private UUID admit(int timeoutSeconds, @Nullable Double maxCost) {
        UUID id = db.admit();
        if (maxCost != null) {
            ObjectNode input =
                    (ObjectNode) Json.STORED.readTree(Json.write(db.job(id).asked().input()));
            db.jdbc
                    .sql("update job_request set input = :input where job_id = :id")
                    .param("input", input.put("max_cost_usd", maxCost).toString())
                    .param("id", id)
                    .update();
        }
        db.jdbc
                .sql("update job set timeout_seconds = :seconds where id = :id")
                .param("seconds", timeoutSeconds)
                .param("id", id)
                .update();
        db.enqueue(List.of(id));
        return id;
    }
}
