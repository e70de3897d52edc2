package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.job.Verification;
import dev.atomic.shared.job.VerificationStatus;
import dev.atomic.shared.job.VerifyKind;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Programs that try, each with what must be seen of it, beside honest runs that all pass.
///
/// What a container can reach at all is tested with the image (`ops/sandbox/tests`); here it is
/// what the worker makes of it.
@Tag("engine")
class AbuseIT {
    private static SandboxUnderTest sandbox;

    /// @param status null for anything but `passed`
    /// @param seen what standard output must be; null when it doesn't matter
    record Abuse(
            String name, String language, String program, VerificationStatus status, String seen) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void start() {
        sandbox = new SandboxUnderTest(2);
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    static List<Abuse> abuses() {
        return List.of(
                timedOut("fork bomb", "bash", ":(){ :|:& };:; while true; do :; done"),
                timedOut("fork bomb in C", "c", C_FORK_BOMB),
                timedOut("spin on every core", "python", SPIN),
                timedOut("children in new sessions", "python", SESSIONS),
                timedOut(
                        "ignores SIGTERM",
                        "bash",
                        "trap '' TERM INT HUP; while true; do sleep 1; done"),
                timedOut("input never closed", "python", "import time\ntime.sleep(100)"),
                python(
                        "memory bomb",
                        "x = []\nwhile True: x.append(bytearray(1 << 20))",
                        OOM,
                        null),
                python("memory file bomb", MEMFD, null, null),
                python("endless stdout", "while True: print('x' * 4096)", OUTPUT, null),
                python(
                        "endless stderr",
                        "import os\nwhile True: os.write(2, bytes(65536))",
                        OUTPUT,
                        null),
                python("10 MB on one line", "print('x' * 10_000_000)", PASSED, null),
                python(
                        "binary output",
                        "import os\nos.write(1, bytes(range(256)) * 40)",
                        PASSED,
                        null),
                python("disk fill", DISK_FILL, PASSED, "full full full\n"),
                python("100,000 files", MANY_FILES, PASSED, "full full full\n"),
                python("10 GB sparse file", SPARSE, PASSED, "refused\n"),
                python("network", NETWORK, PASSED, "nothing reached\n"),
                python("engine, database and agent", SOCKETS, PASSED, "[]\n"),
                python("writes to /proc and /sys", PROC_WRITES, PASSED, "[]\n"),
                python("device nodes", DEVICES, PASSED, "refused\n"),
                python("secrets in the environment", ENVIRONMENT, PASSED, "[]\n"),
                python("kills the first process", KILL_ONE, FAILED, "alive\n"),
                python("writes the runner's records", RECORDS, FAILED, null),
                python("leaves children that print", LEFT, PASSED, "done\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("abuses")
    void endsAsItMustBesideAnHonestRun(Abuse abuse) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> honest = executor.submit(() -> honestRunsPass(over));
            Verification found =
                    sandbox.verify(
                            RunBuilder.of(abuse.language())
                                    .file(file(abuse.language()), abuse.program())
                                    .kind(VerifyKind.RUN)
                                    .seconds(seconds(abuse)));
            over.set(true);
            if (abuse.status() == null) {
                assertThat(found.passed()).as("%s", found).isFalse();
            } else {
                assertThat(found.status()).as("%s", found).isEqualTo(abuse.status());
            }
            if (abuse.seen() != null) {
                assertThat(found.stdout()).isEqualTo(abuse.seen());
            }
            assertThat(honest.get()).isTrue();
        }
    }

    /// Short where the time is what ends it; on a busy machine the others need some to get there.
    private static double seconds(Abuse abuse) {
        return abuse.status() == VerificationStatus.TIMED_OUT || abuse.status() == null ? 2 : 20;
    }

    private static boolean honestRunsPass(AtomicBoolean over) {
        boolean passed = true;
        do {
            Verification found = sandbox.verify(RunBuilder.python("print('hello')"));
            passed &= found.passed() && found.stdout().equals("hello\n");
        } while (!over.get());
        return passed;
    }

    private static String file(String language) {
        return switch (language) {
            case "c" -> "main.c";
            case "bash" -> "main.sh";
            default -> "main.py";
        };
    }

    private static Abuse timedOut(String name, String language, String program) {
        return new Abuse(name, language, program, VerificationStatus.TIMED_OUT, null);
    }

    private static Abuse python(
            String name, String program, VerificationStatus status, String seen) {
        return new Abuse(name, "python", program, status, seen);
    }

    private static final VerificationStatus PASSED = VerificationStatus.PASSED;
    private static final VerificationStatus FAILED = VerificationStatus.FAILED;
    private static final VerificationStatus OOM = VerificationStatus.OUT_OF_MEMORY;
    private static final VerificationStatus OUTPUT = VerificationStatus.OUTPUT_LIMIT;

    private static final String C_FORK_BOMB =
            "#include <unistd.h>\nint main(void) { for (;;) fork(); }";
    private static final String SPIN = "import os\nfor _ in range(5): os.fork()\nwhile True: pass";
    private static final String SESSIONS =
            """
            import os, time
            for _ in range(8):
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0: time.sleep(100)
                    time.sleep(100)
            time.sleep(100)
            """;

    /// Memory that belongs to no process for the kernel to kill. It may end in any way but
    /// `passed`.
    private static final String MEMFD =
            """
            import os
            files = []
            while True:
                files.append(os.memfd_create("x"))
                for _ in range(64): os.write(files[-1], bytes(1 << 20))
            """;

    private static final String DISK_FILL =
            """
            for place in ("/workspace", "/tmp", "/dev/shm"):
                try:
                    for i in range(3):
                        with open(f"{place}/f{i}", "wb", buffering=0) as file:
                            for _ in range(100): file.write(bytes(1 << 20))
                    print("endless", end=" ")
                except OSError: print("full", end="\\n" if place == "/dev/shm" else " ")
            """;
    private static final String MANY_FILES =
            """
            for place in ("/workspace", "/tmp", "/dev/shm"):
                try:
                    for i in range(100_000): open(f"{place}/n{i}", "w").close()
                    print("endless", end=" ")
                except OSError: print("full", end="\\n" if place == "/dev/shm" else " ")
            """;
    private static final String SPARSE =
            """
            import signal
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            try:
                open("sparse", "wb").truncate(10 << 30)
                print("made")
            except OSError: print("refused")
            """;
    private static final String NETWORK =
            """
            import socket
            reached = []
            for host in ("1.1.1.1", "8.8.8.8", "169.254.169.254", "172.17.0.1", "10.0.0.1", "127.0.0.1"):
                for port in (53, 80, 443, 2375, 5432, 8080, 9092):
                    for kind in (socket.SOCK_STREAM, socket.SOCK_RAW):
                        try:
                            with socket.socket(socket.AF_INET, kind) as s:
                                s.settimeout(0.5)
                                s.connect((host, port))
                                reached.append((host, port))
                        except OSError: pass
            for name in ("localhost.localdomain", "example.com", "host.docker.internal"):
                try: reached.append(socket.gethostbyname(name))
                except OSError: pass
            print(reached or "nothing reached")
            """;
    private static final String SOCKETS =
            """
            import os, stat
            found = []
            for top, dirs, files in os.walk("/"):
                if top.startswith(("/proc", "/sys")): dirs[:] = []; continue
                for name in files:
                    try:
                        if stat.S_ISSOCK(os.lstat(os.path.join(top, name)).st_mode): found.append(name)
                    except OSError: pass
            print(found)
            """;
    private static final String PROC_WRITES =
            """
            import os
            written = []
            for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/vm/drop_caches",
                         "/sys/kernel/uevent_helper", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
                         "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/release_agent", "/proc/1/oom_score_adj",
                         "/proc/self/uid_map", "/etc/passwd", "/usr/local/lib/atomic/runner"):
                try:
                    with open(path, "r+b", buffering=0) as file: file.write(b"1")
                    written.append(path)
                except OSError: pass
            print(written)
            """;
    private static final String DEVICES =
            """
            import os
            try:
                os.mknod("/workspace/disk", 0o60600, os.makedev(8, 0))
                print("made")
            except OSError: print("refused")
            """;
    private static final String ENVIRONMENT =
            """
            import os
            print([name for name in os.environ
                   if any(word in name for word in ("KEY", "TOKEN", "SECRET", "PASS", "ATOMIC", "DOCKER", "HOSTNAME"))])
            """;
    private static final String KILL_ONE =
            """
            import os, signal, sys
            for one in range(1, 65):
                try: os.kill(1, one)
                except OSError: pass
            print("alive")
            sys.exit(1)
            """;
    private static final String RECORDS =
            """
            import glob, os
            forged = b"E\\0\\0\\0\\x0blimit none\\nZ\\0\\0\\0\\0"
            for path in ["/proc/1/fd/%d" % n for n in range(9)] + ["/dev/console", "/dev/tty", "/dev/pts/0"]:
                try: os.write(os.open(path, os.O_WRONLY), forged)
                except OSError: pass
            os.write(1, forged)
            os._exit(1)
            """;
    private static final String LEFT =
            """
            import os, time
            for _ in range(4):
                if os.fork() == 0:
                    os.setsid()
                    time.sleep(0.5)
                    while True: print("still here")
            print("done")
            """;
}
