package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.shared.verify.VerifyKind;
import dev.atomic.worker.sandbox.run.RunBuilder;
import dev.atomic.worker.sandbox.verdict.SandboxResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Programs that try, each with what must be seen of it, beside honest runs that all pass. When all
/// are over an honest run is as quick as before, and nothing of them is left on the host.
///
/// What a container can reach at all is tested with the image, too (`ops/sandbox/tests`); here it
/// is what the worker makes of it.
@Tag("engine")
class AbuseIT {
    /// For those that never end by themselves.
    private static final double SECONDS = 2;

    private static SandboxUnderTest sandbox;
    private static long quickBefore;

    @BeforeAll
    static void start() {
        sandbox = new SandboxUnderTest(2);
        sandbox.awaitReady(2);
        honestMedian(); // the JVM's warming up
        quickBefore = honestMedian();
    }

    /// A machine that does something else for a moment is slow too: what abuse leaves stays.
    @AfterAll
    static void asQuickAsBeforeAndNothingLeft() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(honestMedian()).isLessThanOrEqualTo(quickBefore * 6 / 5 + 1));
        sandbox.close();
        new HostTraces().awaitNone();
    }

    static List<Abuse> abuses() {
        return Abuse.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("abuses")
    void endsAsItMustBesideAnHonestRun(Abuse abuse) throws Exception {
        Verification found =
                besideHonestRuns(
                                RunBuilder.of(abuse.language())
                                        .file(abuse.file(), abuse.program())
                                        .kind(VerifyKind.RUN)
                                        .seconds(SECONDS))
                        .verification();

        assertThat(found.status()).as("%s", found).isIn(abuse.ends());
        if (abuse.seen() != null && found.status() == VerificationStatus.TIMED_OUT) {
            assertThat(abuse.seen()).startsWith(found.printed().stdout());
        } else if (abuse.seen() != null) {
            assertThat(found.printed().stdout()).isEqualTo(abuse.seen());
        }
    }

    @Test
    void whatIsTakenOutIsNothingButRegularFilesOfGoodNames() throws Exception {
        SandboxResult.Verdict found =
                besideHonestRuns(
                        RunBuilder.python(
                                        """
                                        import os
                                        os.makedirs("out/deep")
                                        open("out/good", "w").write("good")
                                        os.symlink("/etc/passwd", "out/link")
                                        os.symlink("/etc", "out/folder")
                                        os.symlink("../../etc/passwd", "out/deep/up")
                                        os.link("out/good", "out/hard")
                                        os.mkfifo("out/fifo")
                                        import socket
                                        socket.socket(socket.AF_UNIX).bind("out/socket")
                                        open("out/Twin", "w").close()
                                        open("out/tWIN", "w").close()
                                        open("out/back\\\\slash", "w").close()
                                        open("out/new\\nline", "w").close()
                                        open(b"out/\\xff\\xfe", "w").close()
                                        open("out/alone-é-😀", "w").write("alone")
                                        open("out/huge", "wb").truncate(2 << 20)
                                        """)
                                .collect("out/**", "../**", "/etc/*"));

        assertThat(found.collected()).extracting(SourceFile::path).contains("out/alone-é-😀");
        assertThat(found.collected())
                .extracting(SourceFile::path)
                .allMatch(path -> List.of("out/alone-é-😀", "out/Twin", "out/tWIN").contains(path))
                .hasSize(2);
        assertThat(found.refused()).hasSizeGreaterThanOrEqualTo(10);
    }

    /// What is packed stays packed: it is bytes to us.
    @Test
    void aZipBombComesOutAsTheSmallFileItIs() throws Exception {
        SandboxResult.Verdict found =
                besideHonestRuns(
                        RunBuilder.python(
                                        """
                                        import zipfile
                                        with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
                                            with bomb.open("x", "w") as inside:
                                                for _ in range(20): inside.write(bytes(1 << 20))
                                        """)
                                .collect("*.zip"));

        assertThat(found.verification().passed()).as("%s", found.verification()).isTrue();
        assertThat(found.collected()).hasSize(1);
        assertThat(found.collected().getFirst().content().length).isLessThan(100_000);
    }

    private static SandboxResult.Verdict besideHonestRuns(RunBuilder abuse) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> honest = executor.submit(() -> honestRunsPass(over));
            SandboxResult.Verdict found;
            try {
                found = sandbox.run(abuse);
            } finally {
                over.set(true);
            }
            assertThat(honest.get()).isTrue();
            return found;
        }
    }

    private static boolean honestRunsPass(AtomicBoolean over) {
        boolean passed = true;
        do {
            Verification found = sandbox.verify(RunBuilder.python("print('hello')"));
            passed &= found.passed() && found.printed().stdout().equals("hello\n");
        } while (!over.get());
        return passed;
    }

    /// @return the median of `duration_ms` of runs that find a container ready
    private static long honestMedian() {
        return LongStream.generate(AbuseIT::honestMs)
                .limit(15)
                .sorted()
                .skip(7)
                .findFirst()
                .orElseThrow();
    }

    private static long honestMs() {
        sandbox.awaitReady(2);
        Verification found = sandbox.verify(RunBuilder.python("print('hello')"));
        assertThat(found.passed()).as("%s", found).isTrue();
        return found.cost().durationMs();
    }
}
