package dev.atomic.shared.job;

import dev.atomic.shared.verify.Checks;
import dev.atomic.shared.verify.Limits;
import dev.atomic.shared.verify.VerifyKind;
import dev.atomic.shared.verify.VerifyPolicy;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What was asked, as it is stored with the job. What its run in the sandbox was asked may be long
/// and is read apart ([JobStore#run]); files are in [FileStore].
///
/// @param prompt empty for kind `execute`
/// @param pipeline in the order they run
/// @param maxRepairs times code that doesn't pass goes back to the model
/// @param timeoutSeconds from first start to `deadline_exceeded`
/// @param webhook the address that is told of the job's end
/// @param maxCostUsd what its models may cost, in US dollars; null for any
public record JobInput(
        String prompt,
        String language,
        @Nullable String framework,
        Map<String, Object> metadata,
        List<StageName> pipeline,
        VerifyPolicy policy,
        @Nullable String model,
        @Nullable Integer maxTokens,
        @Nullable Double temperature,
        @Nullable String instructions,
        int maxRepairs,
        int timeoutSeconds,
        @Nullable String webhook,
        @Nullable Double maxCostUsd) {

    /// What the sandbox is asked: for `generate` from `verify`, for `execute` from the body.
    ///
    /// @param command argv in `/workspace`, no shell; empty for the rule of the language
    /// @param args appended to the command or the entry file
    /// @param collect globs of files to give back
    /// @param checks what has to hold beyond what the kind says
    public record Run(
            VerifyKind kind,
            List<String> command,
            List<String> args,
            String stdin,
            Limits limits,
            List<String> collect,
            Checks checks) {
        /// What an older version stored has no checks.
        public Run {
            checks = Objects.requireNonNullElse(checks, Checks.NONE);
        }
    }
}
