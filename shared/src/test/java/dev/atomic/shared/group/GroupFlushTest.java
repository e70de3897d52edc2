package dev.atomic.shared.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupFlushTest {
    private final Table table = new Table();

    @Test
    void aGroupIsCommittedAtOnceAndInOrder() throws Exception {
        table.flush(List.of("a", "b", "c"));
        assertThat(table.committed).containsExactly("a", "b", "c");
        assertThat(table.commits).isEqualTo(1);
    }

    @Test
    void onlyTheCulpritFailsAndTheOthersKeepTheirOrder() throws Exception {
        table.flush(List.of("a", "bad", "b", "bad too", "c"));
        assertThat(table.committed).containsExactly("a", "b", "c");
        assertThat(table.failed).containsExactly("bad", "bad too");
    }

    @Test
    void oneThatIsAloneFailsWithoutASecondTry() throws Exception {
        table.flush(List.of("bad"));
        assertThat(table.failed).containsExactly("bad");
        assertThat(table.commits).isEqualTo(1);
    }

    @Test
    void anOutageFailsNobodyAndTheGroupStaysTogether() throws Exception {
        table.outages = 3;
        table.flush(List.of("a", "b"));
        assertThat(table.committed).containsExactly("a", "b");
        assertThat(table.commits).isEqualTo(4);
        assertThat(table.failed).isEmpty();
    }

    @Test
    void anOutageAmongThoseThatGoAloneRepeatsNoneOfThem() throws Exception {
        table.outageAt = "b";
        table.outages = 2;
        table.flush(List.of("a", "bad", "b", "c"));
        assertThat(table.committed).containsExactly("a", "b", "c");
        assertThat(table.failed).containsExactly("bad");
    }

    @Test
    void whoGivesUpInAnOutageIsGivenAllThatAreLeftAtOnce() throws Exception {
        table.outageAt = "b";
        table.outages = 1;
        table.patient = false;
        table.flush(List.of("a", "bad", "b", "c"));
        assertThat(table.committed).containsExactly("a");
        assertThat(table.failed).containsExactly("bad");
        assertThat(table.given).containsExactly("b", "c");
    }

    @Test
    void whoHasHadEnoughEndsIt() {
        table.outages = 1;
        table.enough = true;
        assertThatThrownBy(() -> table.flush(List.of("a")))
                .isInstanceOf(InterruptedException.class);
        assertThat(table.committed).isEmpty();
    }

    /// Takes all of a group or nothing.
    private static final class Table implements GroupFlush<String> {
        private final List<String> committed = new ArrayList<>();
        private final List<String> failed = new ArrayList<>();
        private final List<String> given = new ArrayList<>();
        private int commits;
        private int outages;
        private String outageAt = "";
        private boolean patient = true;
        private boolean enough;

        @Override
        public void commit(List<String> group) {
            commits++;
            if (group.stream().anyMatch(member -> member.startsWith("bad"))) {
                throw new IllegalArgumentException("no row takes that");
            }
            if (outages > 0 && (outageAt.isEmpty() || group.contains(outageAt))) {
                outages--;
                throw new UncheckedIOException(new IOException("away"));
            }
            committed.addAll(group);
        }

        @Override
        public boolean isOutage(RuntimeException failure) {
            return failure instanceof UncheckedIOException;
        }

        @Override
        public boolean outlast(List<String> left, RuntimeException outage)
                throws InterruptedException {
            if (enough) {
                throw new InterruptedException();
            }
            if (!patient) {
                given.addAll(left);
            }
            return patient;
        }

        @Override
        public void fail(String culprit, RuntimeException failure) {
            failed.add(culprit);
        }
    }
}
