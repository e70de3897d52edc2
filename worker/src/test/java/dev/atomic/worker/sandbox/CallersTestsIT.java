package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.verify.TestsBy;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.worker.sandbox.run.RunBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The caller's tests beside a program that isn't the caller's: first, alone, and from the bytes
/// that were handed in.
@Tag("engine")
class CallersTestsIT {
    private static final String OVERWRITES =
            "const fs = require('fs');\n"
                    + "for (const each of fs.readdirSync('.').filter(name => name.endsWith('.test.js')))\n"
                    + "  fs.writeFileSync(each, \"require('node:test')('fine', () => {});\");\n";

    private static SandboxUnderTest sandbox;

    @BeforeAll
    static void start() {
        sandbox = new SandboxUnderTest(1);
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @Test
    void whatWouldSteerThemIsLeftOutAndNamedAndIsThereForTheProgramsOwnTests() {
        Verification found =
                sandbox.verify(
                        RunBuilder.python("def one(): return 1\n")
                                .callers("test_callers.py")
                                .file("test_callers.py", ONE)
                                .file("conftest.py", FIXTURE)
                                .file("pytest.ini", "[pytest]\naddopts = -k nothing\n")
                                .file("setup.cfg", "")
                                .file("test_models.py", "def test_own(own): assert own == 1\n"));
        assertThat(found.status()).as("%s", found).isEqualTo(VerificationStatus.FAILED);
        assertThat(found.printed().stderr())
                .contains("[sandbox] left out while your tests ran: conftest.py: tells pytest")
                .contains("[sandbox] left out while your tests ran: pytest.ini: tells pytest");
        assertThat(found.proof().tests()).isEqualTo(new Verification.Tests(1, 0, TestsBy.BOTH));
        assertThat(found.reason()).as("the model's own settings").isEqualTo("tests_left_out");
    }

    @Test
    void aModelsTestsHaveTheModelsFixtures() {
        Verification found =
                sandbox.verify(
                        RunBuilder.python("def one(): return 1\n")
                                .callers("test_callers.py")
                                .file("test_callers.py", ONE)
                                .file("conftest.py", FIXTURE)
                                .file("test_models.py", "def test_own(own): assert own == 1\n"));
        assertThat(found.passed()).as("%s", found).isTrue();
        assertThat(found.proof().tests()).isEqualTo(new Verification.Tests(2, 0, TestsBy.BOTH));
    }

    @Test
    void whereTheCallersFailTheModelsAreNotRun() {
        Verification found =
                sandbox.verify(
                        RunBuilder.python("def one(): return 2\n")
                                .callers("test_callers.py")
                                .file("test_callers.py", ONE)
                                .file("test_models.py", "print('never')\ndef test(): pass\n"));
        assertThat(found.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(found.reason()).isNull();
        assertThat(found.proof().tests()).isEqualTo(new Verification.Tests(1, 1, TestsBy.CALLER));
        assertThat(found.ending().exitCode()).isEqualTo(1);
        assertThat(found.printed().stdout()).doesNotContain("never");
    }

    @Test
    void anEarlierTestFileOrTheProgramDoesNotChangeALaterOne() {
        Verification javascript =
                sandbox.verify(
                        RunBuilder.of("javascript")
                                .callers("a.test.js", "b.test.js")
                                .file("main.js", OVERWRITES)
                                .file("a.test.js", "require('./main'); " + NODE_PASSES)
                                .file("b.test.js", NODE_FAILS));
        assertThat(javascript.proof().tests())
                .as("%s", javascript)
                .isEqualTo(new Verification.Tests(2, 1, TestsBy.CALLER));
        Verification python =
                sandbox.verify(
                        RunBuilder.python(
                                        "open('test_b.py', 'w').write('def test_b(): pass\\n')\n"
                                                + "def one(): return 1\n")
                                .callers("test_a.py", "test_b.py")
                                .file("test_a.py", ONE)
                                .file("test_b.py", "def test_b(): assert False\n"));
        assertThat(python.proof().tests())
                .as("%s", python)
                .isEqualTo(new Verification.Tests(2, 1, TestsBy.CALLER));
    }

    @Test
    void aFileThatEndsWithoutATestAmongOthersIsNoReport() {
        Verification found =
                sandbox.verify(
                        RunBuilder.of("javascript")
                                .callers("a.test.js", "b.test.js")
                                .file("main.js", "")
                                .file("a.test.js", NODE_PASSES)
                                .file("b.test.js", "require('./main');"));
        assertThat(found.reason()).as("%s", found).isEqualTo("no_report");
    }

    @Test
    void onlyATestsOwnFileWaivesATest() {
        String skips = "import pytest\ndef one(): pytest.skip('not now')\n";
        Verification python =
                sandbox.verify(
                        RunBuilder.python(skips)
                                .callers("test_a.py")
                                .file("test_a.py", ONE + "def test_more(): pass\n"));
        assertThat(python.reason()).as("%s", python).isEqualTo("tests_left_out");
        assertThat(python.proof().tests()).isEqualTo(new Verification.Tests(1, 0, TestsBy.CALLER));
        Verification javascript =
                sandbox.verify(
                        RunBuilder.of("javascript")
                                .callers("a.test.js")
                                .file("main.js", "exports.one = (t) => t.skip();")
                                .file(
                                        "a.test.js",
                                        "const test = require('node:test');\n"
                                                + "const { one } = require('./main');\n"
                                                + "test('a', (t) => one(t)); test('b', () => {});"));
        assertThat(javascript.reason()).as("%s", javascript).isEqualTo("tests_left_out");
    }

    @Test
    void aWorkerOrAProgramThatATestStartsReportsNothing() {
        Verification found =
                sandbox.verify(
                        RunBuilder.of("javascript")
                                .callers("a.test.js")
                                .file("main.js", "if (process.send) process.send('ready');")
                                .file(
                                        "a.test.js",
                                        "const test = require('node:test');\n"
                                                + "const { fork } = require('node:child_process');\n"
                                                + "const { once } = require('node:events');\n"
                                                + "const { Worker } = require('node:worker_threads');\n"
                                                + "test('a', async () => {\n"
                                                + "  await once(fork('./main.js'), 'exit');\n"
                                                + "  await once(new Worker('./main.js'), 'exit');\n"
                                                + "});"));
        assertThat(found.passed()).as("%s", found).isTrue();
        assertThat(found.proof().tests()).isEqualTo(new Verification.Tests(1, 0, TestsBy.CALLER));
    }

    private static final String ONE =
            "from main import one\n\ndef test_one():\n    assert one() == 1\n";
    private static final String FIXTURE = "import pytest\n@pytest.fixture\ndef own(): return 1\n";
    private static final String NODE_PASSES = "require('node:test')('a', () => {});";
    private static final String NODE_FAILS =
            "require('node:test')('b', () => { throw new Error('b'); });";
}
