package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.worker.sandbox.engine.Engine;
import dev.atomic.worker.sandbox.engine.EngineException;
import dev.atomic.worker.sandbox.run.RunBuilder;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Containers that wait are fresh, of exactly the asked limits, and few.
@Tag("engine")
class PoolIT {
    private static final String HELLO = "print('hello')";

    private SandboxUnderTest sandbox;

    @BeforeEach
    void start() {
        sandbox = new SandboxUnderTest(2);
        sandbox.awaitReady(2);
    }

    @AfterEach
    void stop() {
        sandbox.close();
    }

    @Test
    void aRunOfTheConfiguredLimitsTakesOneAndItIsReplaced() throws Exception {
        Set<String> before = ids();
        assertThat(sandbox.verify(RunBuilder.python(HELLO)).status())
                .isEqualTo(VerificationStatus.PASSED);
        sandbox.awaitReady(2);

        assertThat(sandbox.counted("hit")).isEqualTo(1);
        assertThat(sandbox.counted("miss")).isZero();
        // The engine takes its time to remove the one that was used.
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !ids().containsAll(before));
    }

    @Test
    void otherLimitsGetAContainerOfTheirOwn() throws Exception {
        assertThat(
                        sandbox.verify(RunBuilder.python(HELLO).memoryMb(256))
                                .container()
                                .limits()
                                .memoryMb())
                .isEqualTo(256);
        assertThat(sandbox.counted("hit")).isZero();
        assertThat(sandbox.counted("miss")).isEqualTo(1);
    }

    /// One for the tests beside the program, and a pair of one for them alone and one for the
    /// program alone. The last container that the engine lists may still be starting: then it is
    /// seen the next time.
    @Test
    void testsInPythonTakeContainersThatArePreparedForThem() throws Exception {
        Awaitility.await()
                .dontCatchUncaughtExceptions() // of a connection that is cut while it is written to
                .atMost(Duration.ofSeconds(60))
                .until(() -> {
                    if (sandbox.containers().size() < 5) {
                        return false;
                    }
                    double before = sandbox.counted("prepared");
                    Verification found = sandbox.verify(tested());
                    assertThat(found.proof().evidence())
                            .as("%s", found)
                            .isEqualTo(Evidence.ISOLATED);
                    return sandbox.counted("prepared") - before == 2;
                });
    }

    private static RunBuilder tested() {
        return RunBuilder.of("python")
                .file("main.py", "def one(): return 1")
                .file("test_main.py", "from main import one\ndef test_one(): assert one() == 1");
    }

    @Test
    void withOtherLimitsTestsAreRunAsWell() {
        Verification found =
                sandbox.verify(
                        RunBuilder.of("python")
                                .memoryMb(256)
                                .file("test_main.py", "def test_one(): assert 1 == 1"));
        assertThat(found.passed()).as("%s", found).isTrue();
    }

    @Test
    void noRunSeesAnothersFiles() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertThat(
                            sandbox.verify(
                                            RunBuilder.python(
                                                    "import os\nprint(os.listdir('.'), os.listdir('/tmp'))\nopen('left', 'w')\nopen('/tmp/left', 'w')"))
                                    .printed()
                                    .stdout())
                    .isEqualTo("['main.py'] []\n");
        }
    }

    @Test
    void everyRunHasAUserOfItsOwnAndNoPersons() {
        Set<Integer> users = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            String user =
                    sandbox.verify(RunBuilder.python("import os\nprint(os.getuid())"))
                            .printed()
                            .stdout();
            users.add(Integer.parseInt(user.strip()));
        }
        assertThat(users).allMatch(user -> user >= 60_578 && user < 61_184);
        // Four draws of 606: all the same once in 220 million.
        assertThat(users).hasSizeGreaterThan(1);
    }

    @Test
    void containersThatWereKilledAreNotGivenOut() throws Exception {
        for (Engine.Found each : sandbox.containers()) {
            sandbox.engine.remove(each.id());
        }
        assertThat(sandbox.verify(RunBuilder.python(HELLO)).status())
                .isEqualTo(VerificationStatus.PASSED);
        sandbox.awaitReady(2);
    }

    private Set<String> ids() throws EngineException {
        Set<String> ids = new HashSet<>();
        sandbox.containers().forEach(each -> ids.add(each.id()));
        return ids;
    }
}
