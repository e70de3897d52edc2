package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.worker.sandbox.engine.Engine;
import dev.atomic.worker.sandbox.engine.EngineException;
import dev.atomic.worker.sandbox.run.RunBuilder;
import java.util.HashSet;
import java.util.Set;
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
        assertThat(ids()).doesNotContainSequence(before);
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
