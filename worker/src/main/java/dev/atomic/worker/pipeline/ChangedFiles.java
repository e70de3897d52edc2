package dev.atomic.worker.pipeline;

import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.verify.Case;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Tells which of the files that a run gives back are the run's own, and not just what it was
/// given. This matters most for a case's own files: a hidden case's must not become the job's.
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
