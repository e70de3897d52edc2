package dev.atomic.worker.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.SQLExceptionOverride.Override;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.DeadConnections;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

class DatabaseOutageIT {
    /// H2's driver has an error of its own for it, unlike for one that breaks off before its rows.
    @Test
    void anAnswerThatBreaksOffAmongItsRowsMayBeAskedForAgain() throws Exception {
        try (TestDatabase database = TestDatabase.h2()) {
            JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
            DataAccessException broken =
                    catchThrowableOfType(
                            DataAccessException.class,
                            () ->
                                    jdbc.query(
                                            "select x from system_range(1, 10000)",
                                            row -> {
                                                if (row.getInt(1) == 1) {
                                                    goAway(database);
                                                }
                                            }));
            assertThat(DatabaseOutage.mayEnd(broken)).as("%s", broken).isTrue();
            assertThat(new DeadConnections().adjudicate((SQLException) broken.getCause()))
                    .isEqualTo(Override.MUST_EVICT);
        }
    }

    @Test
    void aQuestionThatIsWrongMayNot() throws Exception {
        try (TestDatabase database = TestDatabase.h2()) {
            JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
            DataAccessException wrong =
                    catchThrowableOfType(
                            DataAccessException.class,
                            () -> jdbc.queryForObject("select cast('x' as int)", Integer.class));
            assertThat(DatabaseOutage.mayEnd(wrong)).as("%s", wrong).isFalse();
        }
    }

    private static void goAway(TestDatabase database) {
        try {
            database.goAway();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
