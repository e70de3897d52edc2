package dev.atomic.api.openai.fold;

import dev.atomic.shared.checkpoint.Usage;
import java.util.List;

/// What a job has made, beside its log. It is asked only once that is final, so a fold over the log
/// gives the same whenever it is done.
public interface Made {
    /// The files of the model's last round, by path.
    List<MadeFile> files();

    /// All that was paid; final once the job has ended.
    Usage usage();

    record MadeFile(String path, String text) {}
}
