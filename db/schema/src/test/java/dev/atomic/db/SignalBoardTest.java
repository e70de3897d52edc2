package dev.atomic.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SignalBoardTest {
    private final String channel = UUID.randomUUID().toString();

    @Test
    void whoComesNewIsToldWhereTheChannelStands() throws Exception {
        assertThat(SignalBoard.await(channel, -1, 0)).isEqualTo("0;");
        SignalBoard.raise(channel, "a");
        assertThat(SignalBoard.await(channel, -1, 60_000)).isEqualTo("1;");
    }

    @Test
    void whatWasRaisedSinceIsHadAtOnceAndInOrder() throws Exception {
        SignalBoard.raise(channel, "a");
        SignalBoard.raise(channel, "b,c");
        SignalBoard.raise(channel, null);
        SignalBoard.raise(channel, "");
        SignalBoard.raise(channel, "d");
        assertThat(SignalBoard.await(channel, 1, 60_000)).isEqualTo("5;b,c,d");
        assertThat(SignalBoard.await(channel, 5, 0)).isEqualTo("5;");
    }

    @Test
    void signalsNoLongerKeptAreEverything() throws Exception {
        for (int i = 0; i <= SignalBoard.KEPT; i++) {
            SignalBoard.raise(channel, "x");
        }
        assertThat(SignalBoard.await(channel, 0, 0)).isEqualTo((SignalBoard.KEPT + 1) + ";*");
        assertThat(SignalBoard.await(channel, 1, 0))
                .startsWith((SignalBoard.KEPT + 1) + ";x,x")
                .hasSize((SignalBoard.KEPT + 1 + ";").length() + 2 * SignalBoard.KEPT - 1);
    }

    @Test
    void afterARestartOfTheServerEverythingMayHaveHappened() throws Exception {
        SignalBoard.raise(channel, "a");
        assertThat(SignalBoard.await(channel, 1_000, 60_000)).isEqualTo("1;*");
    }

    @Test
    void channelsDoNotWakeEachOther() throws Exception {
        SignalBoard.raise(channel + "/other", "a");
        assertThat(SignalBoard.await(channel, 0, 1)).isEqualTo("0;");
    }

    @Test
    void oneCallWaitsForSeveralChannels() throws Exception {
        String other = UUID.randomUUID().toString();
        String both = channel + "," + other;
        assertThat(SignalBoard.awaitAny(both, "-1,-1", 60_000)).isEqualTo("0;\n0;");
        assertThat(SignalBoard.awaitAny(both, "0,0", 1)).isEqualTo("0;\n0;");
        try (var threads = Executors.newFixedThreadPool(1)) {
            Future<String> waiting =
                    threads.submit(() -> SignalBoard.awaitAny(both, "0,0", 60_000));
            SignalBoard.raise(other, "a");
            assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo("0;\n1;a");
        }
    }

    @Test
    void aSignalWakesAllWhoWait() throws Exception {
        try (var waiters = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                answers.add(waiters.submit(() -> SignalBoard.await(channel, 0, 15_000)));
            }
            SignalBoard.raise(channel, "job");
            for (Future<String> answer : answers) {
                assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("1;job");
            }
        }
    }

    @Test
    void nothingIsLostBetweenManyWhoRaiseAndOneWhoListens() throws Exception {
        int threads = 4;
        int each = 500;
        try (var raising = Executors.newFixedThreadPool(threads)) {
            for (int t = 0; t < threads; t++) {
                String name = "t" + t;
                var _ =
                        raising.submit(() -> {
                            for (int i = 0; i < each; i++) {
                                SignalBoard.raise(channel, name + "-" + i);
                            }
                        });
            }
            List<String> heard = new ArrayList<>();
            long seen = 0;
            while (heard.size() < threads * each) {
                String answer = SignalBoard.await(channel, seen, 10_000);
                int split = answer.indexOf(';');
                assertThat(answer.length()).as("heard in time").isGreaterThan(split + 1);
                seen = Long.parseLong(answer.substring(0, split));
                heard.addAll(List.of(answer.substring(split + 1).split(",")));
            }
            assertThat(heard).doesNotHaveDuplicates().doesNotContain("*");
        }
    }
}
