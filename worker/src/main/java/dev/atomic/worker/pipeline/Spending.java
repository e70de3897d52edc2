package dev.atomic.worker.pipeline;

import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.checkpoint.UsageStore;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.StageName;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a job's models have cost, and may. A cost that nobody knows counts as nothing.
///
/// Not thread-safe: the job's own thread.
final class Spending {
    private final @Nullable Double mostUsd;
    private double usd;

    /// @param mostUsd null for any amount
    /// @param before what earlier runs of the job have paid
    Spending(@Nullable Double mostUsd, List<UsageStore.Paid> before) {
        this.mostUsd = mostUsd;
        before.forEach(paid -> add(paid.usage()));
    }

    /// A model was paid.
    void add(Usage usage) {
        usd += usage.costUsd() == null ? 0 : usage.costUsd();
    }

    /// Why the job may not go on: its models cost more than they may. Empty when they don't.
    Optional<Failure> tooMuch(StageName stage) {
        return mostUsd == null || usd <= mostUsd
                ? Optional.empty()
                : Optional.of(
                        Failure.of(
                                FailureCode.MAX_COST_EXCEEDED,
                                "the job's models have cost "
                                        + dollars(usd)
                                        + " USD, and max_cost_usd is "
                                        + dollars(mostUsd),
                                stage));
    }

    private static String dollars(double amount) {
        return new BigDecimal(amount)
                .round(new MathContext(6))
                .stripTrailingZeros()
                .toPlainString();
    }
}
