package dev.atomic.worker.sandbox.run;

import dev.atomic.shared.file.FilePath;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.verify.Case;
import dev.atomic.shared.verify.Checks;
import dev.atomic.shared.verify.Exchange;
import dev.atomic.shared.verify.Limits;
import dev.atomic.shared.verify.VerifyKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Writes down a run for a test in one line.
public final class RunBuilder {
    public static final Limits LIMITS = new Limits(512, 1000, 20, 128);

    private final String language;
    private final List<SourceFile> files = new ArrayList<>();
    private VerifyKind kind = VerifyKind.AUTO;
    private List<String> command = List.of();
    private List<String> args = List.of();
    private String stdin = "";
    private Limits limits = LIMITS;
    private List<String> collect = List.of();
    private Checks checks = Checks.NONE;
    private @Nullable Set<String> callers;

    private RunBuilder(String language) {
        this.language = language;
    }

    public static RunBuilder of(String language) {
        return new RunBuilder(language);
    }

    public static RunBuilder python(String main) {
        return of("python").file("main.py", main);
    }

    public RunBuilder file(SourceFile file) {
        files.add(file);
        return this;
    }

    public RunBuilder file(String path, String text) {
        files.add(SourceFile.of(path, text));
        return this;
    }

    public RunBuilder kind(VerifyKind value) {
        kind = value;
        return this;
    }

    public RunBuilder command(String... value) {
        command = List.of(value);
        return this;
    }

    public RunBuilder args(String... value) {
        args = List.of(value);
        return this;
    }

    public RunBuilder stdin(String value) {
        stdin = value;
        return this;
    }

    public RunBuilder seconds(double value) {
        limits = new Limits(limits.memoryMb(), limits.cpuMillicores(), value, limits.pids());
        return this;
    }

    public RunBuilder memoryMb(int value) {
        limits = new Limits(value, limits.cpuMillicores(), limits.timeoutSeconds(), limits.pids());
        return this;
    }

    public RunBuilder collect(String... value) {
        collect = List.of(value);
        return this;
    }

    public RunBuilder cases(List<Case> value) {
        checks = new Checks(false, value, List.of(), checks.stopOnFailure());
        return this;
    }

    public RunBuilder requests(List<Exchange> value) {
        checks = new Checks(false, List.of(), value, checks.stopOnFailure());
        return this;
    }

    public RunBuilder stopOnFailure() {
        checks = new Checks(false, checks.cases(), checks.requests(), true);
        return this;
    }

    /// Only a verdict of a judge counts.
    public RunBuilder isolated() {
        checks = new Checks(true, List.of(), List.of(), false);
        return this;
    }

    /// The tests the caller handed in beside a model's files; without it all files are the
    /// caller's.
    public RunBuilder callers(String... paths) {
        callers = Set.of(paths);
        return this;
    }

    public SandboxRun build() {
        Set<String> all =
                files.stream().map(file -> FilePath.key(file.path())).collect(Collectors.toSet());
        return new SandboxRun(
                UUID.randomUUID(),
                language,
                List.copyOf(files),
                callers == null ? all : callers,
                new JobInput.Run(kind, command, args, stdin, limits, collect, checks));
    }
}
