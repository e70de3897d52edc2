package dev.atomic.shared.followup;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a follow-up starts from in addition to files.
///
/// @param history the prompts of the jobs before, oldest first
/// @param spec the specification of the job before; null when it had none
public record FollowUp(List<String> history, @Nullable String spec) {
    /// Most prompts that are kept; older ones are dropped.
    static final int MAX_PROMPTS = 20;

    /// Most characters of them together, so that a request to the agent stays within its 16 MiB;
    /// but the last prompt is kept whatever its length.
    static final int MAX_CHARS = 500_000;

    /// What follows up a job that was itself begun with this.
    ///
    /// @param prompt that job's own; empty for kind `execute`
    /// @param written the specification it wrote; null when it wrote none
    public FollowUp then(String prompt, @Nullable String written) {
        List<String> prompts = new ArrayList<>(history);
        if (!prompt.isEmpty()) {
            prompts.add(prompt);
        }
        while (prompts.size() > 1 && (prompts.size() > MAX_PROMPTS || chars(prompts) > MAX_CHARS)) {
            prompts.removeFirst();
        }
        return new FollowUp(List.copyOf(prompts), written == null ? spec : written);
    }

    private static long chars(List<String> prompts) {
        return prompts.stream().mapToLong(String::length).sum();
    }
}
