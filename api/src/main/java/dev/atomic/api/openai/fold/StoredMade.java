package dev.atomic.api.openai.fold;

import dev.atomic.api.memory.RequestMemory;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.checkpoint.UsageStore;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.FileStore.Role;
import dev.atomic.shared.file.Origin;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/// What a job has made, as the database has it.
final class StoredMade implements Made {
    /// Heap bytes of a byte of the files: as they are read, as text, in the message, in its pieces,
    /// and in the events that tell the whole of it.
    private static final long COPIES = 16;

    private final UUID job;
    private final FileStore files;
    private final UsageStore usage;
    private final RequestMemory.Share share;

    /// @param share pays for the files
    StoredMade(UUID job, FileStore files, UsageStore usage, RequestMemory.Share share) {
        this.job = job;
        this.files = files;
        this.usage = usage;
        this.share = share;
    }

    @Override
    public List<MadeFile> files() {
        List<FileStore.Entry> entries =
                files.list(job, Role.WORKSPACE).stream()
                        .filter(entry -> entry.origin() == Origin.MODEL)
                        .toList();
        share.take(COPIES * entries.stream().mapToLong(FileStore.Entry::size).sum());
        return entries.stream().map(entry -> new MadeFile(entry.path(), text(entry))).toList();
    }

    private String text(FileStore.Entry entry) {
        byte[] bytes = files.read(job, Role.WORKSPACE, entry.path()).orElse(new byte[0]);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public Usage usage() {
        return usage.of(job).stream().map(UsageStore.Paid::usage).reduce(Usage.NONE, Usage::plus);
    }
}
