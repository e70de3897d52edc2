package dev.atomic.shared.job;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the sandbox found, as it stands in the job resource.
///
/// @param kind how it was proved: `tests`, `server`, `run`, `build` or `command`; null when skipped
/// @param tests null where no tests decided
/// @param exitCode null when the program was killed, not started, or its end doesn't count (a
///   server)
/// @param signal the name of the signal that ended it, e.g. `SIGSEGV`
/// @param stdout the last 64 KiB of what was kept
/// @param stderr the last 64 KiB of what was kept
/// @param durationMs from asked to the program's end known, acquiring a container included
/// @param cpuMs processor time of the program and its children
/// @param limit which limit ended the run: `time`, `memory`, `output`; null if none did
/// @param repairs how many times the code went back to the model before this verdict
/// @param reason why it isn't `passed`, a stable word such as `no_tests`, `dependency_missing`
/// @param port where a server was found listening
/// @param httpStatus what a server answered to `GET /`; null for a listener that isn't HTTP
/// @param missing the names `dependency_missing` is about
/// @param compile null for languages that aren't compiled
/// @param image the image's id
/// @param limits the limits in force; null when nothing was run
public record Verification(
        VerificationStatus status,
        @Nullable String kind,
        @Nullable Tests tests,
        @Nullable Integer exitCode,
        @Nullable String signal,
        String stdout,
        String stderr,
        Truncated truncated,
        long durationMs,
        @Nullable Long cpuMs,
        @Nullable Long peakMemoryBytes,
        @Nullable String limit,
        int repairs,
        @Nullable String reason,
        @Nullable Integer port,
        @Nullable Integer httpStatus,
        List<String> missing,
        @Nullable Compile compile,
        @Nullable String image,
        @Nullable Limits limits,
        Map<String, String> isolation) {

    /// How many tests ran, and how many of them failed.
    public record Tests(int run, int failed) {}

    /// Whether more was printed than was kept.
    public record Truncated(boolean stdout, boolean stderr) {}

    /// A compiler's end.
    public record Compile(int exitCode, String stderr, long durationMs) {}

    public boolean passed() {
        return status == VerificationStatus.PASSED;
    }

    /// Nothing was run, and why.
    public static Verification skipped(String reason) {
        return new Verification(
                VerificationStatus.SKIPPED,
                null,
                null,
                null,
                null,
                "",
                "",
                new Truncated(false, false),
                0,
                null,
                null,
                null,
                0,
                reason,
                null,
                null,
                List.of(),
                null,
                null,
                null,
                Map.of());
    }

    public Verification withRepairs(int count) {
        return new Verification(
                status,
                kind,
                tests,
                exitCode,
                signal,
                stdout,
                stderr,
                truncated,
                durationMs,
                cpuMs,
                peakMemoryBytes,
                limit,
                count,
                reason,
                port,
                httpStatus,
                missing,
                compile,
                image,
                limits,
                isolation);
    }
}
