package dev.atomic.worker.sandbox.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What of a program isn't there while its caller's tests run.
class SteeringTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "conftest.py",
                "tests/sub/conftest.py",
                "pytest.ini",
                ".pytest.ini",
                "tox.ini",
                "setup.cfg",
                "lib/pyproject.toml",
                "plugin-1.0.dist-info/entry_points.txt",
                "plugin.egg-info/entry_points.txt",
                "site.pth",
                "sitecustomize.py",
                "usercustomize/__init__.py",
                "__pycache__/main.cpython-311.pyc",
                "tests/__pycache__/x.py",
                "main.pyc",
                "pytest.py",
                "_pytest/main.py",
                "unittest/__init__.py",
                "tests/unittest.py",
                "pluggy.cpython-311-x86_64-linux-gnu.so",
                "tests/test_main/__init__.py",
                "tests/test_main.abi3.so",
                "tests/helper/__init__.py",
                "tests/helper.so"
            })
    void inPython(String path) {
        assertThat(leftOut(python(path))).containsExactly(path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "conftest_py.txt",
                "data/tox.ini.txt",
                "app/unittest/x.py",
                "pytest.md",
                "test_main.py",
                "tests/test_main_too.py",
                "tests/test_main.txt",
                "tests/data/test_main.py",
                "node_modules/x.py",
                "tests/__init__.py"
            })
    void whatOnlyLooksLikeItStays(String path) {
        assertThat(leftOut(python(path))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "node_modules/chai/index.js",
                "lib/node_modules/x.js",
                "main.test",
                "main.test/index.js",
                "main.test.mjs",
                "main.test.json"
            })
    void inJavascript(String path) {
        RunBuilder run = RunBuilder.of("javascript").callers("main.test.js").file("main.js", "");
        assertThat(leftOut(run.file("main.test.js", "").file("package.json", "").file(path, "")))
                .containsExactly(path);
    }

    @Test
    void whatTheCallerHandedInStays() {
        RunBuilder all = RunBuilder.of("python").file("test_a.py", "").file("conftest.py", "");
        assertThat(leftOut(all)).isEmpty();
        assertThat(leftOut(all.callers("test_a.py", "conftest.py").file("main.py", ""))).isEmpty();
        assertThat(leftOut(all.callers("test_a.py"))).containsExactly("conftest.py");
        assertThat(leftOut(all.callers())).isEmpty();
    }

    private static RunBuilder python(String path) {
        return RunBuilder.python("")
                .callers("tests/test_main.py", "tests/helper.py")
                .file("tests/test_main.py", "")
                .file("tests/helper.py", "")
                .file(path, "");
    }

    private static List<String> leftOut(RunBuilder run) {
        SandboxRun built = run.build();
        return Steering.of(built, Language.of(built.language()).orElseThrow()).stream()
                .map(each -> each.file().path())
                .toList();
    }
}
