package dev.atomic.api.request;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.submission.Submission;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.VerifyPolicy;
import dev.atomic.shared.webhook.WebhookRules;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads the body of a job of kind `generate`: a prompt and how it is to be turned into code.
public final class GenerateBody {
    /// The field [dev.atomic.api.succession.FollowUps] resolves.
    public static final String PREVIOUS_JOB = "previous_job_id";

    private static final Set<String> FIELDS =
            Set.of(
                    "prompt",
                    "language",
                    "framework",
                    "metadata",
                    "files",
                    PREVIOUS_JOB,
                    "pipeline",
                    "verify",
                    "model",
                    "max_tokens",
                    "temperature",
                    "instructions",
                    "priority",
                    "max_attempts",
                    "timeout_seconds",
                    "max_cost_usd",
                    "webhook");

    private static final int MAX_PROMPT = 65_536;
    private static final int MAX_NAME = 64;
    private static final int MAX_MODEL = 256;
    private static final int MAX_TOKENS = 1_000_000;
    private static final BigDecimal MAX_COST = BigDecimal.valueOf(1_000_000);

    private final ApiSettings settings;
    private final WebhookRules webhooks;

    public GenerateBody(ApiSettings settings, WebhookRules webhooks) {
        this.settings = settings;
        this.webhooks = webhooks;
    }

    /// @throws ProblemException naming every field that is wrong
    public Submission read(JsonNode json) {
        Fields body = Fields.of(json).only(FIELDS);
        String prompt = prompt(body);
        Map<String, Object> metadata = Metadata.read(body);
        String language = nameOr(body, "language", metadata);
        String framework = nameOr(body, "framework", metadata);
        List<StageName> pipeline = pipeline(body);
        Integer maxTokens = body.integer("max_tokens", 1, MAX_TOKENS);
        Double temperature = body.decimal("temperature", "0", "2");
        String instructions = body.text("instructions", 1, MAX_PROMPT);
        Priority priority = body.choice("priority", List.of(Priority.values()), Priority::wire);
        Integer maxAttempts = body.integer("max_attempts", 1, settings.maxAttempts());
        Integer timeout = body.integer("timeout_seconds", 1, settings.jobTimeoutSeconds());
        Double maxCost = maxCost(body);
        InputFiles inputFiles = new InputFiles();
        List<SourceFile> files = inputFiles.read(body, "files");
        VerifyBody verify = VerifyBody.read(body, inputFiles);
        String model = body.text("model", 1, MAX_MODEL);
        body.text(PREVIOUS_JOB, 1, MAX_NAME);
        String webhook = webhook(body);
        body.throwIfWrong();
        JobInput input =
                new JobInput(
                        prompt,
                        language == null ? "python" : language.toLowerCase(Locale.ROOT),
                        framework,
                        metadata,
                        pipeline,
                        policy(verify, metadata),
                        model,
                        maxTokens,
                        temperature,
                        instructions,
                        settings.repairAttempts(),
                        timeout == null ? settings.jobTimeoutSeconds() : timeout,
                        webhook,
                        maxCost);
        JobInput.Run asked =
                new JobInput.Run(
                        verify.kind(),
                        verify.command(),
                        List.of(),
                        "",
                        settings.limits(),
                        List.of(),
                        verify.checks());
        return new Submission(
                Kind.GENERATE,
                priority == null ? Priority.NORMAL : priority,
                input,
                asked,
                maxAttempts == null ? settings.maxAttempts() : maxAttempts,
                files,
                verify.files(),
                new Submission.Basis.None());
    }

    private static String prompt(Fields body) {
        String prompt = body.text("prompt", 1, MAX_PROMPT);
        if (prompt == null) {
            if (!body.has("prompt")) {
                body.wrong("prompt", "is missing");
            }
            return "";
        }
        if (prompt.codePoints()
                .allMatch(c -> Character.isWhitespace(c) || Character.isSpaceChar(c))) {
            body.wrong("prompt", "must not be only white space");
        }
        return prompt;
    }

    /// A field of its own wins over that of the metadata, where older clients have it. Metadata is
    /// the caller's own, so a value there that isn't a text is nothing but metadata.
    private static @Nullable String nameOr(
            Fields body, String field, Map<String, Object> metadata) {
        if (body.has(field)) {
            return printable(body, field, body.text(field, 1, MAX_NAME));
        }
        if (metadata.get(field) instanceof String name && !name.isBlank()) {
            if (name.length() > MAX_NAME) {
                body.wrong("metadata." + field, "must have at most " + MAX_NAME + " characters");
            }
            return printable(body, "metadata." + field, name);
        }
        return null;
    }

    private static @Nullable String printable(Fields body, String field, @Nullable String name) {
        if (name != null && (name.isBlank() || name.chars().anyMatch(Character::isISOControl))) {
            body.wrong(field, "must be printable");
        }
        return name;
    }

    private static List<StageName> pipeline(Fields body) {
        List<StageName> asked =
                body.choices("pipeline", List.of(StageName.values()), StageName::wire);
        if (asked == null) {
            return List.of(StageName.values());
        }
        if (asked.contains(StageName.VERIFY) && !asked.contains(StageName.CODE)) {
            body.wrong("pipeline", "has verify but not code");
        }
        return asked.stream().sorted().toList();
    }

    /// What is configured is the most and the default.
    private @Nullable Double maxCost(Fields body) {
        long configured = settings.tenant().jobNanos();
        BigDecimal most = configured == 0 ? MAX_COST : BigDecimal.valueOf(configured, 9);
        Double asked = body.decimal("max_cost_usd", "0", most.stripTrailingZeros().toPlainString());
        return asked == null && configured > 0 ? Double.valueOf(most.doubleValue()) : asked;
    }

    private @Nullable String webhook(Fields body) {
        Fields webhook = body.object("webhook");
        if (webhook == null) {
            return null;
        }
        webhook.only(Set.of("url"));
        String url = webhook.text("url", 1, WebhookRules.MAX_URL);
        if (url == null) {
            if (!webhook.has("url")) {
                webhook.wrong("url", "is missing");
            }
            return null;
        }
        webhooks.refusal(url).ifPresent(why -> webhook.wrong("url", why));
        return url;
    }

    private static VerifyPolicy policy(VerifyBody verify, Map<String, Object> metadata) {
        if (verify.policy() != null) {
            return verify.policy();
        }
        // The older way to ask for it.
        boolean unverified = Boolean.TRUE.equals(metadata.get("allow_unverified"));
        return unverified ? VerifyPolicy.BEST_EFFORT : VerifyPolicy.REQUIRED;
    }
}
