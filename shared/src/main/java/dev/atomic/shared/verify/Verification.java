package dev.atomic.shared.verify;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the sandbox found. In JSON it is one flat object, as it stands in the job resource.
///
/// @param repairs how many times the code went back to the model before this verdict
/// @param reason why it isn't `passed`, a stable word such as `no_tests`, `dependency_missing`
/// @param missing the names `dependency_missing` is about
/// @param compile null for languages that aren't compiled
public record Verification(
        VerificationStatus status,
        @JsonUnwrapped Proof proof,
        @JsonUnwrapped Ending ending,
        @JsonUnwrapped Printed printed,
        @JsonUnwrapped Cost cost,
        int repairs,
        @Nullable String reason,
        List<String> missing,
        @JsonUnwrapped Server server,
        @Nullable Compile compile,
        @JsonUnwrapped Container container) {

    /// How it was proved, and who saw it.
    ///
    /// @param kind `tests`, `cases`, `http`, `server`, `run`, `build` or `command`; null when
    ///   skipped
    /// @param evidence null when nothing was run
    /// @param evidenceReason why it isn't `isolated` where it could have been, in words
    /// @param tests null where no tests decided
    /// @param testResults how tests ended, some of them where there are many; null where none
    ///   decided
    /// @param cases what each case or request gave; null where none decided
    /// @param score the share of tests or cases that passed, 0 to 1; null where there is nothing to
    ///   count
    public record Proof(
            @Nullable String kind,
            @Nullable Evidence evidence,
            @Nullable String evidenceReason,
            @Nullable Tests tests,
            @Nullable List<TestResult> testResults,
            @Nullable List<CaseResult> cases,
            @Nullable Double score) {
        public static final Proof NONE = new Proof(null, null, null, null, null, null, null);

        /// Without what its cases printed and what differed.
        public Proof withoutTexts() {
            return cases == null
                    ? this
                    : new Proof(
                            kind,
                            evidence,
                            evidenceReason,
                            tests,
                            testResults,
                            cases.stream().map(CaseResult::withoutTexts).toList(),
                            score);
        }
    }

    /// How many tests ran, how many of them failed, and whose they are.
    public record Tests(int run, int failed, @Nullable TestsBy by) {}

    /// @param exitCode null when the program was killed, not started, or its end doesn't count (a
    ///   server)
    /// @param signal the name of the signal that ended it, e.g. `SIGSEGV`
    /// @param limit which limit ended the run: `time`, `memory`, `output`; null if none did
    public record Ending(
            @Nullable Integer exitCode, @Nullable String signal, @Nullable String limit) {
        public static final Ending NONE = new Ending(null, null, null);
    }

    /// @param stdout the last 64 KiB of what was kept
    /// @param stderr the last 64 KiB of what was kept
    public record Printed(String stdout, String stderr, Truncated truncated) {
        public static final Printed NOTHING = new Printed("", "", new Truncated(false, false));
    }

    /// Whether more was printed than was kept.
    public record Truncated(boolean stdout, boolean stderr) {}

    /// @param durationMs from asked to the program's end known, acquiring a container included
    /// @param cpuMs processor time of the program and its children
    public record Cost(long durationMs, @Nullable Long cpuMs, @Nullable Long peakMemoryBytes) {
        public static final Cost NONE = new Cost(0, null, null);
    }

    /// @param port where a server was found listening
    /// @param httpStatus what a server answered to `GET /`; null for a listener that isn't HTTP
    public record Server(@Nullable Integer port, @Nullable Integer httpStatus) {
        public static final Server NONE = new Server(null, null);
    }

    /// A compiler's end.
    public record Compile(int exitCode, String stderr, long durationMs) {}

    /// What held the run.
    ///
    /// @param image the image's id
    /// @param limits the limits in force; null when nothing was run
    public record Container(
            @Nullable String image, @Nullable Limits limits, Map<String, String> isolation) {
        public static final Container NONE = new Container(null, null, Map.of());
    }

    public boolean passed() {
        return status == VerificationStatus.PASSED;
    }

    /// Nothing was run, and why.
    public static Verification skipped(String reason) {
        return unrun(VerificationStatus.SKIPPED, Proof.NONE, reason, Container.NONE);
    }

    /// A verdict that no run gave.
    public static Verification unrun(
            VerificationStatus status, Proof proof, String reason, Container container) {
        return new Verification(
                status,
                proof,
                Ending.NONE,
                Printed.NOTHING,
                Cost.NONE,
                0,
                reason,
                List.of(),
                Server.NONE,
                null,
                container);
    }

    public Verification withRepairs(int count) {
        return new Verification(
                status, proof, ending, printed, cost, count, reason, missing, server, compile,
                container);
    }
}
