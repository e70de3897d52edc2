package dev.atomic.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.security.authentication.BadCredentialsException;

@Timeout(20)
class UnknownCredentialsTest {
    private final UnknownCredentials unknown = new UnknownCredentials(2, Duration.ofMillis(20));

    @Test
    void aFloodOfWrongKeysDoesNotKeepOutWhoWasKnownBefore() throws Exception {
        assertThat(unknown.<String>inTurn("good", () -> "somebody")).isEqualTo("somebody");
        CountDownLatch began = new CountDownLatch(2);
        CountDownLatch end = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> flood =
                    List.of(
                            threads.submit(() -> held("wrong-1", began, end)),
                            threads.submit(() -> held("wrong-2", began, end)));
            began.await();
            assertThatThrownBy(() -> unknown.inTurn("wrong-3", () -> "never looked up"))
                    .isInstanceOf(TryLater.class);
            assertThat(unknown.<String>inTurn("good", () -> "somebody")).isEqualTo("somebody");
            end.countDown();
            for (Future<String> each : flood) {
                each.get();
            }
        }
        assertThat(unknown.<String>inTurn("new", () -> "anybody")).isEqualTo("anybody");
    }

    @Test
    void aKeyThatIsGoodNoMoreIsUnknownAgain() throws Exception {
        assertThat(unknown.<String>inTurn("key", () -> "somebody")).isEqualTo("somebody");
        assertThatThrownBy(() ->
                        unknown.inTurn(
                                "key",
                                () -> {
                                    throw new BadCredentialsException("revoked");
                                }))
                .isInstanceOf(BadCredentialsException.class);
        CountDownLatch began = new CountDownLatch(2);
        CountDownLatch end = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var one = threads.submit(() -> held("wrong-1", began, end));
            var two = threads.submit(() -> held("wrong-2", began, end));
            began.await();
            assertThatThrownBy(() -> unknown.inTurn("key", () -> "somebody"))
                    .isInstanceOf(TryLater.class);
            end.countDown();
            one.get();
            two.get();
        }
    }

    private String held(String credential, CountDownLatch began, CountDownLatch end) {
        return unknown.inTurn(
                credential,
                () -> {
                    began.countDown();
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return credential;
                });
    }
}
