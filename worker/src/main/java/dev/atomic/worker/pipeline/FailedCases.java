package dev.atomic.worker.pipeline;

import dev.atomic.shared.Json;
import dev.atomic.shared.verify.Case;
import dev.atomic.shared.verify.CaseResult;
import dev.atomic.shared.verify.Checks;
import dev.atomic.shared.verify.Exchange;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The part of failed cases and requests that goes to the model. Of a hidden one the model learns
/// only that it failed and nothing else: neither what the program printed nor what the whole run
/// did is passed on where that could repeat a hidden input. Pure.
final class FailedCases {
    private static final int MAX_COMPILER = 4_000;
    private static final int MAX_TEXT = 1_200;
    private static final int MAX_LOG = 1_500;

    /// Room for the lines that count what isn't shown.
    private static final int TAIL = 200;

    private FailedCases() {}

    /// @param failed its cases are those of `checks`, in the same order
    /// @return at most [Writings#MAX_FAILURE_CHARS] characters
    static String describe(Verification failed, Checks checks) {
        List<CaseResult> results = Objects.requireNonNullElse(failed.proof().cases(), List.of());
        StringBuilder text = new StringBuilder("Verdict: ").append(failed.status().wire());
        if (failed.reason() != null) {
            text.append(" (").append(failed.reason()).append(')');
        }
        long passed = results.stream().filter(CaseResult::passed).count();
        text.append(", %d of %d passed".formatted(passed, results.size()));
        Verification.Compile compile = failed.compile();
        if (compile != null && compile.exitCode() != 0) {
            text.append("\n\nThe compiler said:\n")
                    .append(Writings.tail(compile.stderr(), MAX_COMPILER));
        }
        int hidden = 0;
        int unshown = 0;
        for (int i = 0; i < results.size(); i++) {
            CaseResult result = results.get(i);
            if (result.passed() || result.status() == VerificationStatus.SKIPPED) {
                continue;
            }
            if (isHidden(checks, i)) {
                hidden++;
                continue;
            }
            String shown = shown(checks, i, result);
            if (text.length() + shown.length() + TAIL > Writings.MAX_FAILURE_CHARS) {
                unshown++;
            } else {
                text.append(shown);
            }
        }
        if (unshown > 0) {
            text.append("\n\n").append(unshown).append(" more failed.");
        }
        if (hidden > 0) {
            text.append("\n\n").append(hidden).append(" hidden ones failed.");
        }
        if (!checks.requests().isEmpty()) {
            appendLog(text, failed);
        }
        return text.toString();
    }

    /// What a server printed in addition to its answers; requests are never hidden.
    private static void appendLog(StringBuilder text, Verification failed) {
        String log = failed.printed().stderr();
        int room = Math.min(MAX_LOG, Writings.MAX_FAILURE_CHARS - text.length() - TAIL);
        if (room > 0 && !log.isBlank()) {
            text.append("\n\nstderr:\n").append(Writings.tail(log, room));
        }
    }

    /// An unknown case is treated like a hidden one.
    private static boolean isHidden(Checks checks, int index) {
        if (!checks.requests().isEmpty()) {
            return false;
        }
        return index >= checks.cases().size() || checks.cases().get(index).hidden();
    }

    private static String shown(Checks checks, int index, CaseResult result) {
        StringBuilder text = new StringBuilder("\n\n");
        text.append(index + 1).append(". ").append(result.name()).append(": ");
        text.append(result.status().wire());
        if (index < checks.cases().size()) {
            append(text, checks.cases().get(index));
        } else if (index < checks.requests().size()) {
            append(text, checks.requests().get(index));
        }
        part(text, "difference", result.diff());
        if (result.diff() == null || checks.cases().isEmpty()) {
            part(text, "it gave", result.stdout());
        }
        return text.toString();
    }

    private static void append(StringBuilder text, Case each) {
        if (!each.args().isEmpty()) {
            part(text, "arguments", Json.write(each.args()));
        }
        part(text, "input", each.stdin());
        part(text, "expected on stdout (" + each.match().wire() + ")", each.stdout());
        part(text, "expected on stderr (" + each.match().wire() + ")", each.stderr());
    }

    private static void append(StringBuilder text, Exchange each) {
        part(text, "request", each.method() + " " + each.path());
        part(text, "its body", each.body());
        part(text, "expected", Json.write(each.expect()));
    }

    private static void part(StringBuilder text, String title, @Nullable String content) {
        if (content == null || content.isEmpty()) {
            return;
        }
        text.append('\n').append(title).append(":\n").append(beginning(content));
        if (text.charAt(text.length() - 1) == '\n') {
            text.setLength(text.length() - 1);
        }
    }

    private static String beginning(String text) {
        if (text.length() <= MAX_TEXT) {
            return text;
        }
        int to = Character.isHighSurrogate(text.charAt(MAX_TEXT - 1)) ? MAX_TEXT - 1 : MAX_TEXT;
        return text.substring(0, to) + "…";
    }
}
