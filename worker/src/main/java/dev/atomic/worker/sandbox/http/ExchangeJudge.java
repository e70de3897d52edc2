package dev.atomic.worker.sandbox.http;

import dev.atomic.shared.verify.Case;
import dev.atomic.shared.verify.CaseResult;
import dev.atomic.shared.verify.Exchange;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.worker.sandbox.compare.Bytes;
import dev.atomic.worker.sandbox.compare.Comparison;
import dev.atomic.worker.sandbox.compare.Excerpt;
import dev.atomic.worker.sandbox.compare.JsonValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Whether an answer is what was expected of it. Pure.
record ExchangeJudge(Exchange wanted, long durationMs) {
    CaseResult judge(Answer.Whole answer) {
        Bytes bytes = new Bytes(answer.body().length);
        bytes.add(answer.body());
        List<String> differs = new ArrayList<>();
        Exchange.Expected expect = wanted.expect();
        if (expect.status() != null && expect.status() != answer.status()) {
            differs.add("status: expected " + expect.status() + ", got " + answer.status());
        }
        for (Map.Entry<String, String> header : expect.headers().entrySet()) {
            header(header.getKey(), header.getValue(), answer).ifPresent(differs::add);
        }
        body(bytes).ifPresent(differs::add);
        boolean same = differs.isEmpty();
        return told(
                same ? VerificationStatus.PASSED : VerificationStatus.FAILED,
                bytes.shown(),
                same ? null : String.join("\n", differs));
    }

    /// There is no answer to look at.
    ///
    /// @param bytes what came all the same
    CaseResult without(VerificationStatus status, byte[] bytes, String why) {
        Bytes came = new Bytes(bytes.length);
        came.add(bytes);
        return told(status, came.shown(), why);
    }

    private static Optional<String> header(String name, String value, Answer.Whole answer) {
        List<String> got =
                answer.headers().stream()
                        .filter(header -> header.getName().equalsIgnoreCase(name))
                        .map(header -> String.valueOf(header.getValue()))
                        .toList();
        if (got.contains(value.strip())) {
            return Optional.empty();
        }
        String came =
                got.isEmpty()
                        ? "none"
                        : got.stream().limit(3).map(Excerpt::of).collect(Collectors.joining(", "));
        return Optional.of("header " + name + ": expected " + Excerpt.of(value) + ", got " + came);
    }

    private Optional<String> body(Bytes bytes) {
        Exchange.Expected expect = wanted.expect();
        if (expect.body() == null && expect.json() == null && expect.contains() == null) {
            return Optional.empty();
        }
        Optional<String> text = bytes.text();
        if (text.isEmpty()) {
            return Optional.of("body: isn't UTF-8");
        }
        List<String> differs = new ArrayList<>();
        if (expect.body() != null) {
            Comparison.difference(expect.match(), Case.TOLERANCE, expect.body(), text.get())
                    .ifPresent(what -> differs.add("body: " + what));
        }
        if (expect.json() != null) {
            JsonValues.atLeast(expect.json(), text.get())
                    .ifPresent(what -> differs.add("json: " + what));
        }
        if (expect.contains() != null && !text.get().contains(expect.contains())) {
            differs.add("body: doesn't contain " + Excerpt.of(expect.contains()));
        }
        return differs.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", differs));
    }

    private CaseResult told(VerificationStatus status, String shown, @Nullable String diff) {
        return new CaseResult(
                wanted.name(),
                status,
                null,
                null,
                durationMs,
                null,
                CaseResult.beginning(shown),
                diff == null ? null : CaseResult.beginning(diff));
    }
}
