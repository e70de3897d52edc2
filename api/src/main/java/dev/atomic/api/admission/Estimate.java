package dev.atomic.api.admission;

import dev.atomic.api.submission.Submission;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.StageName;

/// What a job's models will take, as far as it can be told before they are asked. Pure.
final class Estimate {
    private static final int CHARS_OF_TOKEN = 4;

    /// Of an answer whose length isn't bounded by the request.
    private static final int ANSWER = 4_000;

    private Estimate() {}

    /// Tokens that are asked and answered: for each stage that asks a model the prompt with the
    /// files, and an answer. Repairs aren't in it.
    static long tokens(Submission submission) {
        long stages =
                submission.input().pipeline().stream().filter(s -> s != StageName.VERIFY).count();
        long chars = submission.input().prompt().length();
        for (SourceFile file : submission.files()) {
            chars += file.content().length;
        }
        Integer most = submission.input().maxTokens();
        return stages * (chars / CHARS_OF_TOKEN + (most == null ? ANSWER : most));
    }
}
