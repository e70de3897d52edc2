package dev.atomic.api.answer;

import dev.atomic.api.answer.JobResource.Bill;
import dev.atomic.api.answer.JobResource.ByProvider;
import dev.atomic.api.answer.JobResource.ByStage;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.checkpoint.UsageStore.Paid;
import dev.atomic.shared.job.StageName;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Sums up what was paid for a job.
final class Bills {
    private Bills() {}

    static Bill of(List<Paid> paid) {
        Map<StageName, Usage> stages = new TreeMap<>();
        Map<@Nullable String, Usage> providers =
                new TreeMap<>(Comparator.nullsLast(Comparator.<String>naturalOrder()));
        Usage total = Usage.NONE;
        for (Paid each : paid) {
            total = total.plus(each.usage());
            stages.merge(each.stage(), each.usage(), Usage::plus);
            providers.merge(each.provider(), each.usage(), Usage::plus);
        }
        return new Bill(
                total,
                stages.entrySet().stream()
                        .map(each -> new ByStage(each.getKey(), each.getValue()))
                        .toList(),
                providers.entrySet().stream()
                        .map(each -> new ByProvider(each.getKey(), each.getValue()))
                        .toList());
    }
}
