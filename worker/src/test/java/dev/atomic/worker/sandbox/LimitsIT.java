package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.worker.sandbox.run.RunBuilder;
import dev.atomic.worker.sandbox.run.RunnerRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A run that goes beyond its limits is ended by them and says by which.
@Tag("engine")
class LimitsIT {
    private static SandboxUnderTest sandbox;

    @BeforeAll
    static void start() {
        sandbox = new SandboxUnderTest(0);
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @Test
    void timeInFractionsOfASecond() throws Exception {
        Verification found =
                sandbox.verify(
                        RunBuilder.python("import time\nprint('begun')\ntime.sleep(60)")
                                .seconds(0.4));
        assertThat(found.status()).isEqualTo(VerificationStatus.TIMED_OUT);
        assertThat(found.ending().limit()).isEqualTo("time");
        assertThat(found.printed().stdout()).isEqualTo("begun\n");
        assertThat(found.ending().exitCode()).isNull();
        assertThat(found.cost().durationMs()).isBetween(400L, 3000L);
    }

    @Test
    void memory() throws Exception {
        Verification found =
                sandbox.verify(
                        RunBuilder.python("x = []\nwhile True: x.append(bytearray(1 << 20))")
                                .memoryMb(96));
        assertThat(found.status()).as("%s", found).isEqualTo(VerificationStatus.OUT_OF_MEMORY);
        assertThat(found.ending().limit()).isEqualTo("memory");
        assertThat(found.container().limits().memoryMb()).isEqualTo(96);
    }

    @Test
    void aChildThatRanOutOfMemoryDoesNotSpoilAProgramThatCopes() throws Exception {
        Verification found =
                sandbox.verify(
                        RunBuilder.python(
                                        """
                                        import subprocess, sys
                                        hog = "x = []\\nwhile True: x.append(bytearray(1 << 20))"
                                        print(subprocess.run([sys.executable, "-c", hog]).returncode)
                                        """)
                                .memoryMb(96));
        assertThat(found.status()).as("%s", found).isEqualTo(VerificationStatus.PASSED);
        assertThat(found.printed().stdout()).isEqualTo("-9\n");
    }

    @Test
    void output() throws Exception {
        Verification found = sandbox.verify(RunBuilder.python("while True: print('x' * 1000)"));
        assertThat(found.status()).isEqualTo(VerificationStatus.OUTPUT_LIMIT);
        assertThat(found.ending().limit()).isEqualTo("output");
        assertThat(found.printed().truncated()).isEqualTo(new Verification.Truncated(true, false));
        assertThat(found.printed().stdout().length()).isEqualTo(64 << 10);
    }

    @Test
    void moreThanIsKeptIsNoFailure() throws Exception {
        StringBuilder seen = new StringBuilder();
        Verification found =
                sandbox.run(
                                RunBuilder.python("print('x' * (3 << 20))"),
                                (_, text) -> seen.append(text))
                        .verification();
        assertThat(found.status()).isEqualTo(VerificationStatus.PASSED);
        assertThat(found.printed().truncated().stdout()).isTrue();
        assertThat(seen).hasSize(RunnerRequest.KEPT_BYTES);
    }

    @Test
    void aSmallerMemoryHasSmallerDisks() throws Exception {
        Verification found =
                sandbox.verify(
                        RunBuilder.python(
                                        """
                                        import os
                                        total = 0
                                        for place in ("/workspace", "/tmp", "/dev/shm"):
                                            with open(place + "/fill", "wb", buffering=0) as file:
                                                try:
                                                    while True: total += file.write(bytes(1 << 16))
                                                except OSError: pass
                                        print(total <= 48 << 20, total > 40 << 20)
                                        """)
                                .memoryMb(96));
        assertThat(found.status()).as("%s", found).isEqualTo(VerificationStatus.PASSED);
        assertThat(found.printed().stdout()).isEqualTo("True True\n");
    }
}
