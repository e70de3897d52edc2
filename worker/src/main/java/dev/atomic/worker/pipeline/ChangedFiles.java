package dev.atomic.worker.pipeline;

import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.FileStore;
import dev.atomic.shared.verify.Case;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// What of the files that a run gives back is the run's: not what comes back as it was given. Of a
/// case's own files this matters most: a hidden one's must not become one of the job's.
final class ChangedFiles {
    private ChangedFiles() {}

    /// @param given by path, the hashes of the job's files as they were run
    static List<SourceFile> among(
            List<SourceFile> collected, Map<String, String> given, List<Case> cases) {
        return collected.stream()
                .filter(file ->
                        !FileStore.sha256(file.content()).equals(given.get(file.path()))
                                && cases.stream().noneMatch(each -> gives(each, file)))
                .toList();
    }

    private static boolean gives(Case one, SourceFile file) {
        return one.files().stream()
                .anyMatch(given ->
                        given.path().equals(file.path())
                                && Arrays.equals(given.content(), file.content()));
    }
}
