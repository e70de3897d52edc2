package dev.atomic.shared.job;

import dev.atomic.db.Dialect;
import dev.atomic.shared.file.SourceFile;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The tables `job_file`, `blob_content` and `blob_released`: files by SHA-256. Each content is
/// kept once for a tenant, until no job refers to it.
///
/// A reference to a content that is there already is made without a lock, because the same few
/// contents come with many jobs at once. This is safe because a content that loses a reference is
/// only noted (`blob_released`). It is looked at no sooner than [#UNTOUCHED] later, when every
/// transaction that saw it without a note has ended. Whoever refers to a noted content locks it
/// first, and so does whoever deletes it. (A foreign key was considered and rejected: on PostgreSQL
/// it locks each content at each reference, on H2 it locks nothing.)
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

    /// A file as it is listed.
    ///
    /// @param size bytes
    public record Entry(String path, int size, String sha256, Origin origin) {}

    /// How long a content that lost a reference is left alone: far longer than any transaction.
    public static final Duration UNTOUCHED = Duration.ofHours(1);

    private static final String INSERT_CONTENT =
            """
            insert into blob_content (tenant_id, sha256, content) values (:tenant, :sha256, :content)
            """;

    private final JdbcClient jdbc;
    private final String insertContent;

    public FileStore(JdbcClient jdbc, Dialect dialect) {
        this.jdbc = jdbc;
        this.insertContent =
                switch (dialect) {
                    case H2 -> INSERT_CONTENT;
                    case POSTGRESQL -> INSERT_CONTENT + "on conflict do nothing";
                };
    }

    /// Writes a file, in place of one of the same path. Paths were checked by [FilePath].
    public Entry put(String tenant, UUID job, Role role, SourceFile file, Origin origin) {
        String sha256 = sha256(file.content());
        keepContent(tenant, sha256, file.content());
        makeRoom(job, role, file.path(), origin);
        jdbc.sql(
                        """
                        insert into job_file (job_id, tenant_id, role, path, sha256, size, origin)
                        values (:job, :tenant, :role, :path, :sha256, :size, :origin)
                        """)
                .param("job", job)
                .param("tenant", tenant)
                .param("role", role.wire())
                .param("path", file.path())
                .param("sha256", sha256)
                .param("size", file.content().length)
                .param("origin", origin.wire())
                .update();
        return new Entry(file.path(), file.content().length, sha256, origin);
    }

    private void keepContent(String tenant, String sha256, byte[] content) {
        Optional<Boolean> released =
                jdbc.sql(
                                """
                                select exists (select 1 from blob_released r
                                               where r.tenant_id = b.tenant_id and r.sha256 = b.sha256)
                                from blob_content b where b.tenant_id = :tenant and b.sha256 = :sha256
                                """)
                        .param("tenant", tenant)
                        .param("sha256", sha256)
                        .query(Boolean.class)
                        .optional();
        boolean kept = released.isPresent() && (!released.get() || lockContent(tenant, sha256));
        if (kept) {
            return;
        }
        try {
            jdbc.sql(insertContent)
                    .param("tenant", tenant)
                    .param("sha256", sha256)
                    .param("content", content)
                    .update();
        } catch (DuplicateKeyException e) {
            // Another transaction was writing the same content, so there is nothing left to do. H2
            // undoes the one statement; PostgreSQL would undo all, and doesn't get here. (MERGE
            // fails in the same way on both.)
        }
    }

    /// Keeps a content from being deleted until the caller's transaction ends.
    ///
    /// @return whether it is still there
    private boolean lockContent(String tenant, String sha256) {
        return jdbc.sql(
                        """
                        select sha256 from blob_content where tenant_id = :tenant and sha256 = :sha256 for update
                        """)
                .param("tenant", tenant)
                .param("sha256", sha256)
                .query(String.class)
                .optional()
                .isPresent();
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
        jdbc.sql(
                        """
                        insert into blob_released (tenant_id, sha256, released_at)
                        select tenant_id, sha256, current_timestamp from job_file
                        where job_id = :job and role = :role and path = :path
                        """)
                .param("job", job)
                .param("role", role.wire())
                .param("path", path)
                .update();
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

    /// Notes that a job which is about to be deleted refers to its contents no longer.
    void releaseAll(UUID job) {
        jdbc.sql(
                        """
                        insert into blob_released (tenant_id, sha256, released_at)
                        select distinct tenant_id, sha256, current_timestamp from job_file where job_id = :job
                        """)
                .param("job", job)
                .update();
    }

    /// A content to which no job may refer any more.
    ///
    /// @param id of the note that says so
    public record Released(long id, String tenant, String sha256) {}

    /// Contents that lost a reference longer ago than this, the oldest first.
    ///
    /// @param untouched [#UNTOUCHED], but for tests
    /// @param limit most contents, 1 or more
    public List<Released> released(Duration untouched, int limit) {
        return jdbc.sql(
                        """
                        select id, tenant_id, sha256 from blob_released
                        where released_at < current_timestamp - cast(:seconds as bigint) * interval '1' second
                        order by id limit :limit
                        """)
                .param("seconds", untouched.toSeconds())
                .param("limit", limit)
                .query((row, _) ->
                        new Released(
                                row.getLong("id"),
                                row.getString("tenant_id"),
                                row.getString("sha256")))
                .list();
    }

    /// Deletes a content if no job refers to it, and the note in any case.
    ///
    /// @return whether it was deleted
    public boolean sweep(Released content) {
        // The lock has a statement of its own, so that the next one sees what was committed before
        // the lock was granted. In one statement PostgreSQL would judge by what it saw before it
        // waited.
        lockContent(content.tenant(), content.sha256());
        int deleted =
                jdbc.sql(
                                """
                                delete from blob_content
                                where tenant_id = :tenant and sha256 = :sha256 and not exists (
                                    select 1 from job_file f
                                    where f.tenant_id = blob_content.tenant_id and f.sha256 = blob_content.sha256)
                                """)
                        .param("tenant", content.tenant())
                        .param("sha256", content.sha256())
                        .update();
        jdbc.sql("delete from blob_released where id = :id").param("id", content.id()).update();
        return deleted > 0;
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
                .query((row, _) ->
                        new Entry(
                                row.getString("path"),
                                row.getInt("size"),
                                row.getString("sha256"),
                                Origin.of(row.getString("origin"))))
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
                            .add(
                                    new Entry(
                                            row.getString("path"),
                                            row.getInt("size"),
                                            row.getString("sha256"),
                                            Origin.of(row.getString("origin"))));
                });
        return files;
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

    /// The hash contents are kept by, 64 hexadecimal digits.
    public static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
