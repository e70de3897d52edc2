package dev.atomic.shared.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.Dialect;
import dev.atomic.db.TestDatabase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// One suite, both databases.
class JobStoreIT {
    @Nested
    class OnH2 extends JobStoreConformance {
        OnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class OnPostgres extends JobStoreConformance {
        OnPostgres() {
            super(TestDatabase::postgres);
        }
    }

    @Nested
    class TablesOnH2 extends TablesConformance {
        TablesOnH2() {
            super(TestDatabase::h2);
        }

        @Test
        void whoIsOfferedNextIsReadInTheOrderOfAnIndex() {
            assertThat(plan(WaitingJobs.OFFERED)).contains("JOB_BY_TURN", "index sorted");
        }

        @Test
        void whatIsDueIsReadFromAnIndexOfItsOwn() {
            assertThat(plan(StrandedJobs.DUE)).contains("JOB_BY_DUE: DUE_AT >=");
        }

        @Test
        void aTenantsWaitingJobsAreNotCountedAmongAllItEverHad() {
            assertThat(plan(WaitingJobs.countOfTenant(Dialect.H2)))
                    .contains("JOB_BY_TURN: STATE = 'queued'")
                    .doesNotContain("JOB_BY_TENANT");
        }

        /// The plan within names the index; the one around it only sorts a page.
        @Test
        void aPageOfAListIsReadInTheOrderOfAnIndex() {
            String page = ListedJobs.sql(false, false, false);
            String within = page.substring(page.indexOf("(select id from job") + 1);
            assertThat(plan(within.substring(0, within.indexOf(')'))))
                    .contains("JOB_BY_TENANT", "index sorted");
        }

        private String plan(String query) {
            return jdbc.sql("explain " + query)
                    .param("limit", 8)
                    .param("tenant", "default")
                    .query(String.class)
                    .single();
        }
    }

    @Nested
    @Tag("engine")
    class TablesOnPostgres extends TablesConformance {
        TablesOnPostgres() {
            super(TestDatabase::postgres);
        }
    }
}
