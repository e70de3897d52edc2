package dev.atomic.shared.file;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The table `job_file`: which files a job has. Their contents are in [FileContents].
///
/// Thread-safe; takes part in the caller's transaction.
public final class FileStore {
    /// What a file is to its job.
    public enum Role {
        /// What the job is about.
        WORKSPACE,
        /// The caller's own tests, which replace the model's of the same path.
        VERIFY,
        /// What the caller gave and the job has overwritten since. A retry may start from it.
        REPLACED;

        String wire() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /// The role of what the model wrote in one round: this and the round's number. A round after it
    /// may replace the file in the workspace, but not here.
    private static final String ROUND = "round-";

    /// A file as it is listed.
    ///
    /// @param size bytes
    public record Entry(String path, int size, String sha256, Origin origin) {}

    private final JdbcClient jdbc;
    private final FileContents contents;

    public FileStore(JdbcClient jdbc, FileContents contents) {
        this.jdbc = jdbc;
        this.contents = contents;
    }

    /// Writes a file, in place of one of the same path. Paths were checked by [FilePath].
    public Entry put(String tenant, UUID job, Role role, SourceFile file, Origin origin) {
        String sha256 = sha256(file.content());
        contents.keep(tenant, sha256, file.content());
        makeRoom(job, role, file.path(), origin);
        Entry entry = new Entry(file.path(), file.content().length, sha256, origin);
        insert(tenant, job, role.wire(), entry);
        return entry;
    }

    /// Writes a file of the model's into the workspace, and keeps it as one of this round's.
    ///
    /// @param round as of [Checkpoint]; nothing of it is there yet
    public void putWritten(String tenant, UUID job, int round, SourceFile file) {
        insert(tenant, job, ROUND + round, put(tenant, job, Role.WORKSPACE, file, Origin.MODEL));
    }

    private void insert(String tenant, UUID job, String role, Entry entry) {
        jdbc.sql(
                        """
                        insert into job_file (job_id, tenant_id, role, path, sha256, size, origin)
                        values (:job, :tenant, :role, :path, :sha256, :size, :origin)
                        """)
                .param("job", job)
                .param("tenant", tenant)
                .param("role", role)
                .param("path", entry.path())
                .param("sha256", entry.sha256())
                .param("size", entry.size())
                .param("origin", entry.origin().wire())
                .update();
    }

    /// Removes the file that a new one replaces. The caller's own is kept aside; the content of any
    /// other is released.
    private void makeRoom(UUID job, Role role, String path, Origin origin) {
        Optional<Origin> before =
                jdbc.sql(
                                """
                                select origin from job_file where job_id = :job and role = :role and path = :path
                                """)
                        .param("job", job)
                        .param("role", role.wire())
                        .param("path", path)
                        .query((row, _) -> Origin.of(row.getString("origin")))
                        .optional();
        if (before.isEmpty()) {
            return;
        }
        boolean keepAside =
                role == Role.WORKSPACE && before.get() == Origin.INPUT && origin != Origin.INPUT;
        if (keepAside) {
            jdbc.sql(
                            """
                            update job_file set role = :aside
                            where job_id = :job and role = :role and path = :path
                            """)
                    .param("aside", Role.REPLACED.wire())
                    .param("job", job)
                    .param("role", role.wire())
                    .param("path", path)
                    .update();
            return;
        }
        contents.release(job, role, path);
        jdbc.sql("delete from job_file where job_id = :job and role = :role and path = :path")
                .param("job", job)
                .param("role", role.wire())
                .param("path", path)
                .update();
    }

    /// Gives a job all files of another one, whose contents are there as long as the caller's
    /// transaction holds it ([FinishedJobs#hold]).
    public void copyAll(UUID from, UUID to) {
        jdbc.sql(
                        """
                        insert into job_file (job_id, tenant_id, role, path, sha256, size, origin)
                        select cast(:to as uuid), tenant_id, role, path, sha256, size, origin
                        from job_file where job_id = :from
                        """)
                .param("from", from)
                .param("to", to)
                .update();
    }

    /// Gives a job the files another one began with: the caller's, as they were before it ran. The
    /// other is held as for [#copyAll].
    public void copyGiven(UUID from, UUID to) {
        jdbc.sql(
                        """
                        insert into job_file (job_id, tenant_id, role, path, sha256, size, origin)
                        select cast(:to as uuid), tenant_id, case role when 'replaced' then 'workspace' else role end,
                               path, sha256, size, origin
                        from job_file where job_id = :from and origin = 'input'
                        """)
                .param("from", from)
                .param("to", to)
                .update();
    }

    /// Gives a job the files another one ended with, as its input. The other is held as for
    /// [#copyAll].
    public void copyResult(UUID from, UUID to) {
        jdbc.sql(
                        """
                        insert into job_file (job_id, tenant_id, role, path, sha256, size, origin)
                        select cast(:to as uuid), tenant_id, role, path, sha256, size, 'input'
                        from job_file where job_id = :from and role = 'workspace'
                        """)
                .param("from", from)
                .param("to", to)
                .update();
    }

    /// A job's files by path.
    public List<Entry> list(UUID job, Role role) {
        return jdbc.sql(
                        """
                        select path, size, sha256, origin from job_file
                        where job_id = :job and role = :role order by path
                        """)
                .param("job", job)
                .param("role", role.wire())
                .query((row, _) -> entry(row))
                .list();
    }

    /// The files of several jobs, each job's by path.
    public Map<UUID, List<Entry>> list(Collection<UUID> jobs, Role role) {
        Map<UUID, List<Entry>> files = new HashMap<>();
        if (jobs.isEmpty()) {
            return files;
        }
        jdbc.sql(
                        """
                        select job_id, path, size, sha256, origin from job_file
                        where job_id in (:jobs) and role = :role order by job_id, path
                        """)
                .param("jobs", jobs)
                .param("role", role.wire())
                .query(row -> {
                    files.computeIfAbsent(
                                    row.getObject("job_id", UUID.class), _ -> new ArrayList<>())
                            .add(entry(row));
                });
        return files;
    }

    /// The files of a job as they were after a round of code, in no particular order: what the
    /// caller gave, and over it what the model wrote up to then.
    ///
    /// @return empty when the model wrote nothing in this round
    public Optional<List<Entry>> listAfter(UUID job, int round) {
        Map<String, Entry> given = new HashMap<>();
        SortedMap<Integer, List<Entry>> written = new TreeMap<>();
        jdbc.sql(
                        """
                        select role, path, size, sha256, origin from job_file
                        where job_id = :job
                          and (origin = 'input' and role in ('workspace', 'replaced') or role like 'round-%')
                        """)
                .param("job", job)
                .query(row -> {
                    String role = row.getString("role");
                    Entry entry = entry(row);
                    if (role.startsWith(ROUND)) {
                        int of = Integer.parseInt(role.substring(ROUND.length()));
                        written.computeIfAbsent(of, _ -> new ArrayList<>()).add(entry);
                    } else {
                        given.put(entry.path(), entry);
                    }
                });
        if (!written.containsKey(round)) {
            return Optional.empty();
        }
        written.headMap(round + 1).values().stream()
                .flatMap(List::stream)
                .forEach(entry -> given.put(entry.path(), entry));
        return Optional.of(List.copyOf(given.values()));
    }

    private static Entry entry(ResultSet row) throws SQLException {
        return new Entry(
                row.getString("path"),
                row.getInt("size"),
                row.getString("sha256"),
                Origin.of(row.getString("origin")));
    }

    /// The size of what a job's run begins with: its files and the caller's tests, in bytes.
    public long sizeToRun(UUID job) {
        return jdbc.sql(
                        """
                        select coalesce(sum(size), 0) from job_file
                        where job_id = :job and role in ('workspace', 'verify')
                        """)
                .param("job", job)
                .query(Long.class)
                .single();
    }

    /// A job's files with their content, by path.
    public List<SourceFile> read(UUID job, Role role) {
        return jdbc.sql(
                        """
                        select f.path, b.content
                        from job_file f
                        join blob_content b on b.tenant_id = f.tenant_id and b.sha256 = f.sha256
                        where f.job_id = :job and f.role = :role order by f.path
                        """)
                .param("job", job)
                .param("role", role.wire())
                .query((row, _) -> new SourceFile(row.getString("path"), row.getBytes("content")))
                .list();
    }

    /// One file's content.
    public Optional<byte[]> read(UUID job, Role role, String path) {
        return jdbc.sql(
                        """
                        select b.content
                        from job_file f
                        join blob_content b on b.tenant_id = f.tenant_id and b.sha256 = f.sha256
                        where f.job_id = :job and f.role = :role and f.path = :path
                        """)
                .param("job", job)
                .param("role", role.wire())
                .param("path", path)
                .query((row, _) -> row.getBytes("content"))
                .optional();
    }

    /// The content of a file that was listed as one of this job's.
    public Optional<byte[]> read(UUID job, Entry file) {
        return jdbc.sql(
                        """
                        select b.content from blob_content b
                        where b.sha256 = :sha256 and exists (
                            select 1 from job_file f
                            where f.job_id = :job and f.tenant_id = b.tenant_id and f.sha256 = b.sha256)
                        """)
                .param("job", job)
                .param("sha256", file.sha256())
                .query((row, _) -> row.getBytes("content"))
                .optional();
    }

    /// The hash contents are kept by, 64 hexadecimal digits.
    public static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
