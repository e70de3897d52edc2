package dev.atomic.api.request;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.api.submission.Submission;
import dev.atomic.shared.file.FilePath;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.problem.ProblemCode;
import dev.atomic.shared.verify.Limits;
import dev.atomic.shared.verify.VerifyPolicy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads the body of a job of kind `execute`: files, and how they are to be run.
public final class ExecuteBody {
    private static final Set<String> FIELDS =
            Set.of("language", "files", "command", "args", "stdin", "limits", "collect", "verify");
    private static final Set<String> LIMITS =
            Set.of("memory_mb", "cpu_millicores", "timeout_seconds", "pids");

    /// What the sandbox has a runtime for, by these very names.
    public static final List<String> LANGUAGES =
            List.of("python", "javascript", "c", "cpp", "bash");

    /// The least a run can have: the runner itself needs some.
    private static final Limits LEAST = new Limits(16, 10, 0.001, 4);

    private static final int MAX_GLOBS = 64;

    private final ApiSettings settings;

    public ExecuteBody(ApiSettings settings) {
        this.settings = settings;
    }

    /// @throws ProblemException naming every field that is wrong
    public Submission read(JsonNode json) {
        Fields body = Fields.of(json).only(FIELDS);
        String language = body.text("language", 1, 64);
        if (!body.has("language")) {
            body.wrong("language", "is missing");
        }
        InputFiles inputFiles = new InputFiles();
        List<SourceFile> files = inputFiles.read(body, "files");
        VerifyBody verify = VerifyBody.read(body, inputFiles);
        if (verify.policy() != null) {
            body.wrong(
                    "verify.policy", "is only for generated code; execute always gives a verdict");
        }
        List<String> command = command(body, verify);
        if (!body.has("files")) {
            body.wrong("files", "is missing");
        } else if (files.isEmpty() && command.isEmpty()) {
            body.wrong("files", "is empty, and there is no command to run");
        }
        List<String> args = Argv.args(body, command);
        String stdin = body.text("stdin", 0, FilePath.MAX_FILE_BYTES);
        List<String> collect = collect(body);
        Limits limits = limits(body);
        body.throwIfWrong();
        JobInput input =
                new JobInput(
                        "",
                        runtime(language),
                        null,
                        Map.of(),
                        List.of(StageName.VERIFY),
                        VerifyPolicy.REQUIRED,
                        null,
                        null,
                        null,
                        null,
                        0,
                        settings.jobTimeoutSeconds(),
                        null,
                        null);
        JobInput.Run asked =
                new JobInput.Run(
                        verify.kind(),
                        command,
                        args,
                        stdin == null ? "" : stdin,
                        limits,
                        collect,
                        verify.checks());
        return new Submission(
                Kind.EXECUTE,
                Priority.NORMAL,
                input,
                asked,
                settings.maxAttempts(),
                files,
                verify.files(),
                new Submission.Basis.None());
    }

    private static List<String> command(Fields body, VerifyBody verify) {
        List<String> command = Argv.command(body);
        if (!command.isEmpty() && !verify.command().isEmpty()) {
            body.wrong("verify.command", "can't be combined with command");
        }
        return command.isEmpty() ? verify.command() : command;
    }

    private static String runtime(@Nullable String language) {
        if (language == null || !LANGUAGES.contains(language)) {
            String message = "must be one of " + String.join(", ", LANGUAGES);
            throw new ProblemException(
                    ProblemCode.UNSUPPORTED_LANGUAGE,
                    "The sandbox has no runtime for " + language + ": language " + message + ".",
                    List.of(new FieldError("language", message)),
                    null);
        }
        return language;
    }

    private static List<String> collect(Fields body) {
        List<String> globs = body.texts("collect", MAX_GLOBS, 1, FilePath.MAX_BYTES);
        if (globs == null) {
            return List.of();
        }
        for (int i = 0; i < globs.size(); i++) {
            int index = i;
            FilePath.refusal(globs.get(i))
                    .ifPresent(refusal -> body.wrong("collect[" + index + "]", refusal));
        }
        return globs;
    }

    private Limits limits(Fields body) {
        Limits most = settings.limits();
        Fields limits = body.object("limits");
        if (limits == null) {
            return most;
        }
        limits.only(LIMITS);
        Integer memory = limits.integer("memory_mb", LEAST.memoryMb(), most.memoryMb());
        Integer cpu = limits.integer("cpu_millicores", LEAST.cpuMillicores(), most.cpuMillicores());
        Double timeout =
                limits.decimal(
                        "timeout_seconds",
                        Double.toString(LEAST.timeoutSeconds()),
                        Double.toString(most.timeoutSeconds()));
        Integer pids = limits.integer("pids", LEAST.pids(), most.pids());
        return new Limits(
                memory == null ? most.memoryMb() : memory,
                cpu == null ? most.cpuMillicores() : cpu,
                timeout == null ? most.timeoutSeconds() : timeout,
                pids == null ? most.pids() : pids);
    }
}
