package dev.atomic.shared.job;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The tables `job_file` and `blob_content`: files by SHA-256, a content kept once a tenant.
///
/// Thread-safe; takes part in the caller's transaction.
public final class FileStore {
    /// What a file is to its job.
    public enum Role {
        /// What the job is about.
        WORKSPACE,
        /// The caller's own tests, which replace the model's of the same path.
        VERIFY;

        String wire() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /// A file as it is listed.
    ///
    /// @param size bytes
    public record Entry(String path, int size, String sha256, Origin origin) {}

    private final JdbcClient jdbc;

    public FileStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Writes a file, in place of one of the same path. Paths were checked by [FilePath].
    public Entry put(String tenant, UUID job, Role role, SourceFile file, Origin origin) {
        String sha256 = sha256(file.content());
        int known =
                jdbc.sql(
                                """
                                select count(*) from blob_content where tenant_id = :tenant and sha256 = :sha256
                                """)
                        .param("tenant", tenant)
                        .param("sha256", sha256)
                        .query(Integer.class)
                        .single();
        if (known == 0) {
            // Another transaction may be writing the same content: then there is nothing left to
            // do.
            jdbc.sql(
                            """
                            merge into blob_content target
                            using (values (cast(:tenant as varchar(64)), cast(:sha256 as char(64)),
                                           cast(:content as bytea))) source (tenant_id, sha256, content)
                            on target.tenant_id = source.tenant_id and target.sha256 = source.sha256
                            when not matched then
                                insert (tenant_id, sha256, content)
                                values (source.tenant_id, source.sha256, source.content)
                            """)
                    .param("tenant", tenant)
                    .param("sha256", sha256)
                    .param("content", file.content())
                    .update();
        }
        jdbc.sql("delete from job_file where job_id = :job and role = :role and path = :path")
                .param("job", job)
                .param("role", role.wire())
                .param("path", file.path())
                .update();
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

    /// Forgets files of one origin, as when a repair's answer takes the place of the last.
    public void remove(UUID job, Role role, Origin origin) {
        jdbc.sql("delete from job_file where job_id = :job and role = :role and origin = :origin")
                .param("job", job)
                .param("role", role.wire())
                .param("origin", origin.wire())
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
