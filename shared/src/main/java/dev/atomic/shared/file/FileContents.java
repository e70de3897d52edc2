package dev.atomic.shared.file;

import dev.atomic.db.Dialect;
import dev.atomic.shared.file.FileStore.Role;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The tables `blob_content` and `blob_released`: contents of files by SHA-256. Each is kept once
/// for a tenant, until no file of a job refers to it.
///
/// A reference to a content that is there already is made without a lock, because the same few
/// contents come with many jobs at once. This is safe because a content that loses a reference is
/// only noted (`blob_released`). It is looked at no sooner than [#UNTOUCHED] later, when every
/// transaction that saw it without a note has ended. Before a noted content is referred to or
/// deleted, it is locked. (A foreign key was considered and rejected: on PostgreSQL it locks each
/// content at each reference, on H2 it locks nothing.)
///
/// Thread-safe; takes part in the caller's transaction.
public final class FileContents {
    /// How long a content that lost a reference is left alone: far longer than any transaction.
    public static final Duration UNTOUCHED = Duration.ofHours(1);

    private static final String INSERT_CONTENT =
            """
            insert into blob_content (tenant_id, sha256, content) values (:tenant, :sha256, :content)
            """;

    private final JdbcClient jdbc;
    private final String insertContent;

    public FileContents(JdbcClient jdbc, Dialect dialect) {
        this.jdbc = jdbc;
        this.insertContent =
                switch (dialect) {
                    case H2 -> INSERT_CONTENT;
                    case POSTGRESQL -> INSERT_CONTENT + "on conflict do nothing";
                };
    }

    /// Stores a content unless it is there already. The caller's transaction may then refer to it.
    void keep(String tenant, String sha256, byte[] content) {
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
        boolean kept = released.isPresent() && (!released.get() || lock(tenant, sha256));
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
    private boolean lock(String tenant, String sha256) {
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

    /// Notes that a file is about to be removed, so its content may have lost its last reference.
    void release(UUID job, Role role, String path) {
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
    }

    /// Notes that a job which is about to be deleted refers to its contents no longer.
    public void releaseAll(UUID job) {
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
        lock(content.tenant(), content.sha256());
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
}
