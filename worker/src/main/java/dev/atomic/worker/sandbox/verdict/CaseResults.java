package dev.atomic.worker.sandbox.verdict;

import dev.atomic.shared.verify.CaseResult;
import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.worker.sandbox.run.OutputSink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the cases, or requests, of one run gave, in their order.
///
/// Used by one thread.
public final class CaseResults {
    /// Most bytes of all texts together that stay in a verdict. The texts of what didn't pass are
    /// kept first, then those of the others, each in their order. An entry whose texts no longer
    /// fit loses them; in the events each has its own.
    static final int MAX_BYTES = 512 << 10;

    private final String kind;
    private final List<String> names;
    private final OutputSink sink;
    private final List<CaseResult> ended = new ArrayList<>();

    /// @param kind as in `verification.kind`
    /// @param names of all there are
    public CaseResults(String kind, List<String> names, OutputSink sink) {
        this.kind = kind;
        this.names = List.copyOf(names);
        this.sink = sink;
    }

    /// How many have ended.
    public int count() {
        return ended.size();
    }

    public boolean isAllEnded() {
        return ended.size() == names.size();
    }

    /// The next in order has ended, and is told.
    public void add(CaseResult result) {
        ended.add(result);
        sink.ended(result);
    }

    /// The first that ended otherwise than passed.
    public Optional<CaseResult> firstFailure() {
        return ended.stream().filter(each -> !each.passed()).findFirst();
    }

    public Optional<CaseResult> last() {
        return ended.isEmpty() ? Optional.empty() : Optional.of(ended.getLast());
    }

    public boolean isAllPassed() {
        return isAllEnded() && firstFailure().isEmpty();
    }

    /// All of them, those that were never begun as `skipped`.
    public Verification.Proof proof() {
        List<CaseResult> all = new ArrayList<>(ended);
        for (String name : names.subList(ended.size(), names.size())) {
            all.add(
                    new CaseResult(
                            name, VerificationStatus.SKIPPED, null, null, 0, null, null, null));
        }
        long passed = ended.stream().filter(CaseResult::passed).count();
        return new Verification.Proof(
                kind,
                Evidence.OBSERVED,
                null,
                null,
                null,
                fitted(all),
                names.isEmpty() ? null : (double) passed / names.size());
    }

    private static List<CaseResult> fitted(List<CaseResult> all) {
        List<CaseResult> fitted = new ArrayList<>(all);
        long left = MAX_BYTES;
        for (boolean passed : new boolean[] {false, true}) {
            for (int i = 0; i < all.size(); i++) {
                CaseResult each = all.get(i);
                if (each.passed() != passed) {
                    continue;
                }
                long bytes = bytes(each.stdout()) + bytes(each.diff());
                if (bytes <= left) {
                    left -= bytes;
                } else {
                    fitted.set(i, each.withoutTexts());
                }
            }
        }
        return fitted;
    }

    private static long bytes(@Nullable String text) {
        return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
    }
}
