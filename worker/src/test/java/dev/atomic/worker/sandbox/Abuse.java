package dev.atomic.worker.sandbox;

import static dev.atomic.shared.verify.VerificationStatus.FAILED;
import static dev.atomic.shared.verify.VerificationStatus.OUTPUT_LIMIT;
import static dev.atomic.shared.verify.VerificationStatus.OUT_OF_MEMORY;
import static dev.atomic.shared.verify.VerificationStatus.PASSED;
import static dev.atomic.shared.verify.VerificationStatus.TIMED_OUT;

import dev.atomic.shared.verify.VerificationStatus;
import java.util.List;
import java.util.Set;

/// A program that tries something, and what may be seen of it.
///
/// On a busy machine any of them may run into its two seconds; what it has printed until then has
/// to be the beginning of `seen`.
///
/// @param ends how it may end
/// @param seen all it may print, where that tells whether it got through; null where it doesn't
record Abuse(
        String name, String language, String program, Set<VerificationStatus> ends, String seen) {
    @Override
    public String toString() {
        return name;
    }

    String file() {
        return switch (language) {
            case "c" -> "main.c";
            case "bash" -> "main.sh";
            default -> "main.py";
        };
    }

    /// Those that have to be stopped: they are not made to end by themselves.
    private static Abuse stopped(String name, String language, String program) {
        // A fork bomb's children may leave no memory for the first one.
        return new Abuse(
                name, language, program, Set.of(TIMED_OUT, OUT_OF_MEMORY, OUTPUT_LIMIT), null);
    }

    private static Abuse harmless(String name, String language, String program, String seen) {
        return new Abuse(name, language, program, Set.of(PASSED, TIMED_OUT), seen);
    }

    private static Abuse harmless(String name, String program, String seen) {
        return harmless(name, "python", program, seen);
    }

    static List<Abuse> all() {
        return List.of(
                stopped("fork bomb", "bash", ":(){ :|:& };:; while true; do :; done"),
                stopped(
                        "fork bomb in C",
                        "c",
                        "#include <unistd.h>\nint main(void) { for (;;) fork(); }"),
                stopped("CPU spin", "python", SPIN),
                stopped("children in new sessions", "python", SESSIONS),
                stopped(
                        "ignores SIGTERM",
                        "bash",
                        "trap '' TERM INT HUP; while true; do sleep 1; done"),
                stopped(
                        "waits for input that is never closed",
                        "bash",
                        "mkfifo /tmp/p; cat <>/tmp/p"),
                stopped(
                        "memory bomb",
                        "python",
                        "x = []\nwhile True: x.append(bytearray(1 << 20))"),
                new Abuse(
                        "memory in files of no name",
                        "python",
                        MEMFD,
                        Set.of(TIMED_OUT, OUT_OF_MEMORY, FAILED),
                        null),
                stopped("endless stdout", "python", "while True: print('x' * 4096)"),
                stopped(
                        "endless stderr",
                        "python",
                        "import os\nwhile True: os.write(2, bytes(65536))"),
                harmless("10 MB on one line", "print('x' * 10_000_000)", null),
                harmless("binary output", "import os\nos.write(1, bytes(range(256)) * 40)", null),
                harmless(
                        "invalid UTF-8",
                        "import os\nos.write(1, b'\\xc3\\x28\\xed\\xa0\\x80\\xf8')",
                        "\ufffd(\ufffd\ufffd"),
                harmless("disk fill", DISK_FILL, "full full full\n"),
                harmless("inode fill", INODES, "full full full\n"),
                harmless("100,000 files", MANY_FILES, "full full full\n"),
                harmless("10 GB sparse file", SPARSE, "refused\n"),
                harmless(
                        "TCP, UDP, raw, to hosts, gateway and metadata",
                        NETWORK,
                        "nothing reached\n"),
                harmless("DNS", DNS, "nothing reached\n"),
                harmless("sockets of engine, database and agent", SOCKETS, "[]\n"),
                harmless("system calls", "c", SYSTEM_CALLS, "none\n"),
                harmless("the runner's limits and scheduling", "c", RUNNER_LIMITS, "none\n"),
                harmless("mounts", "bash", MOUNTS, "none\n"),
                harmless("writes to /proc and /sys", PROC_WRITES, "[]\n"),
                harmless("setuid programs", SETUID, "[] True\n"),
                harmless("device nodes", DEVICES, "refused\n"),
                harmless("secrets in the environment", ENVIRONMENT, "[]\n"),
                new Abuse(
                        "kills the first process",
                        "python",
                        KILL_ONE,
                        Set.of(FAILED, TIMED_OUT),
                        "alive\n"),
                new Abuse(
                        "writes the runner's records",
                        "python",
                        RECORDS,
                        Set.of(FAILED, TIMED_OUT),
                        null),
                harmless("leaves children that print", SURVIVORS, "done\n"));
    }

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
    private static final String INODES =
            """
            import os
            for place in ("/workspace", "/tmp", "/dev/shm"):
                try:
                    for i in range(100_000): os.mkdir(f"{place}/d{i}")
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

    /// A datagram that can't be routed is refused at once: there is no interface but loopback.
    private static final String NETWORK =
            """
            import socket
            reached = []
            for host in ("1.1.1.1", "8.8.8.8", "169.254.169.254", "172.17.0.1", "10.0.0.1", "127.0.0.1"):
                for port in (53, 80, 443, 2375, 5432, 8080, 9092):
                    try:
                        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
                            s.settimeout(0.2)
                            s.connect((host, port))
                            reached.append((host, port))
                    except OSError: pass
                if host != "127.0.0.1":
                    try:
                        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                            reached.append((host, s.sendto(b"x", (host, 53))))
                    except OSError: pass
            for family, kind in ((socket.AF_INET, socket.SOCK_RAW), (socket.AF_INET6, socket.SOCK_RAW),
                                 (socket.AF_PACKET, socket.SOCK_RAW), (40, socket.SOCK_STREAM), (38, 5)):
                try:
                    with socket.socket(family, kind, 1): reached.append(family)
                except OSError: pass
            interfaces = [name for _, name in socket.if_nameindex() if name != "lo"]
            try:
                with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as s:
                    s.settimeout(0.2)
                    s.connect(("2606:4700:4700::1111", 53))
                    reached.append("IPv6")
            except OSError: pass
            up = [name for name in interfaces if open(f"/sys/class/net/{name}/operstate").read() == "up\\n"]
            print(reached + up or "nothing reached")
            """;

    private static final String DNS =
            """
            import socket
            reached = []
            for name in ("example.com", "host.docker.internal", "gateway.docker.internal", "metadata.google.internal"):
                try: reached.append(socket.gethostbyname(name))
                except OSError: pass
            print(reached or "nothing reached")
            """;
    private static final String SOCKETS =
            """
            import os, stat
            found = []
            for top, dirs, files in os.walk("/"):
                if top in ("/proc", "/sys", "/usr"): dirs[:] = []; continue
                for name in files:
                    try:
                        if stat.S_ISSOCK(os.lstat(os.path.join(top, name)).st_mode): found.append(name)
                    except OSError: pass
            abstract = [line.split()[-1] for line in open("/proc/net/unix") if "@" in line]
            print(found + abstract)
            """;

    /// Each is called so that a kernel that allowed it would say yes, or complain of the arguments.
    private static final String SYSTEM_CALLS =
            """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <sched.h>
            #include <stdio.h>
            #include <sys/syscall.h>
            #include <unistd.h>
            static int reached;
            static void try(const char *name, long number, long a, long b, long c, long d, long e) {
                long got = syscall(number, a, b, c, d, e);
                if (got < 0 && (errno == EPERM || errno == ENOSYS || errno == EACCES)) return;
                printf("%s ", name);
                reached++;
            }
            #define TRY(name, ...) try(#name, SYS_##name, __VA_ARGS__)
            int main(void) {
                char page[4096] = {0};
                long p = (long)page;
                TRY(ptrace, 0, 0, 0, 0, 0);
                TRY(process_vm_readv, getpid(), p, 0, p, 0);
                TRY(process_vm_writev, getpid(), p, 0, p, 0);
                TRY(unshare, CLONE_NEWUSER, 0, 0, 0, 0);
                TRY(unshare, CLONE_NEWNS, 0, 0, 0, 0);
                TRY(setns, 0, 0, 0, 0, 0);
                TRY(clone, CLONE_NEWUSER | 17, 0, 0, 0, 0);
                TRY(clone3, p, 88, 0, 0, 0);
                TRY(keyctl, 0, -3, 0, 0, 0);
                TRY(add_key, (long)"user", (long)"x", (long)"x", 1, -3);
                TRY(request_key, (long)"user", (long)"x", 0, -3, 0);
                TRY(bpf, 0, p, 48, 0, 0);
                TRY(io_uring_setup, 4, p, 0, 0, 0);
                TRY(userfaultfd, 1, 0, 0, 0, 0);
                TRY(perf_event_open, p, 0, -1, -1, 0);
                TRY(mount, (long)"none", (long)"/tmp", (long)"tmpfs", 0, 0);
                TRY(umount2, (long)"/tmp", 2, 0, 0, 0);
                TRY(pivot_root, (long)"/tmp", (long)"/tmp", 0, 0, 0);
                TRY(open_tree, -100, (long)"/", 1, 0, 0);
                TRY(fsopen, (long)"tmpfs", 0, 0, 0, 0);
                TRY(chroot, (long)"/tmp", 0, 0, 0, 0);
                TRY(open_by_handle_at, -100, p, 0, 0, 0);
                TRY(init_module, p, 0, (long)"", 0, 0);
                TRY(kexec_load, 0, 0, 0, 0, 0);
                TRY(reboot, 0, 0, 0, 0, 0);
                TRY(sethostname, (long)"x", 1, 0, 0, 0);
                TRY(settimeofday, p, 0, 0, 0, 0);
                TRY(setuid, 0, 0, 0, 0, 0);
                TRY(personality, 0x0040000, 0, 0, 0, 0);
                puts(reached ? "" : "none");
            }
            """;

    /// Of a process of the same user: starved, without descriptors or without time the runner could
    /// not say how the run ended. What loses output comes last, so that the rest is seen.
    private static final String RUNNER_LIMITS =
            """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <sched.h>
            #include <stdio.h>
            #include <sys/resource.h>
            #include <sys/syscall.h>
            #include <unistd.h>
            static int reached;
            static void refused(const char *name, long got) {
                if (got < 0 && errno == EPERM) return;
                printf("%s ", name);
                fflush(stdout);
                reached++;
            }
            int main(void) {
                struct sched_param idle = {0};
                struct { unsigned size, policy; unsigned long flags; int nice; unsigned priority; unsigned long times[3]; }
                    attr = {48, SCHED_IDLE, 0, 0, 0, {0}};
                cpu_set_t first;
                CPU_ZERO(&first);
                CPU_SET(0, &first);
                struct rlimit nothing = {0, 0};
                refused("setpriority", syscall(SYS_setpriority, PRIO_PROCESS, 1, 19));
                refused("setpriority_group", syscall(SYS_setpriority, PRIO_PGRP, 1, 19));
                refused("setpriority_user", syscall(SYS_setpriority, PRIO_USER, 0, 19));
                refused("ioprio_set", syscall(SYS_ioprio_set, 1, 1, 3 << 13));
                refused("ioprio_set_user", syscall(SYS_ioprio_set, 3, getuid(), 3 << 13));
                refused("sched_setparam", syscall(SYS_sched_setparam, 1, &idle));
                refused("sched_setaffinity", syscall(SYS_sched_setaffinity, 1, sizeof first, &first));
                refused("sched_setscheduler", syscall(SYS_sched_setscheduler, 1, SCHED_IDLE, &idle));
                refused("sched_setattr", syscall(SYS_sched_setattr, 1, &attr, 0));
                refused("rlimit_cpu", syscall(SYS_prlimit64, 1, RLIMIT_CPU, &nothing, 0));
                refused("rlimit_nofile", syscall(SYS_prlimit64, 1, RLIMIT_NOFILE, &nothing, 0));
                puts(reached ? "" : "none");
            }
            """;

    private static final String MOUNTS =
            """
            done=
            for what in "mount -t tmpfs none /tmp" "mount --bind / /tmp" "mount -o remount,rw /" \\
                "umount -l /proc/kcore" "unshare -r true" "nsenter -t 1 -m true"; do
              $what 2>/dev/null && done="$done $what;"
            done
            touch /etc/x /usr/x 2>/dev/null && done="$done touch"
            echo "${done:-none}"
            """;
    private static final String PROC_WRITES =
            """
            written = []
            for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/vm/drop_caches",
                         "/proc/sys/kernel/modprobe", "/proc/sys/net/ipv4/ip_forward", "/proc/kcore",
                         "/sys/kernel/uevent_helper", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
                         "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/release_agent", "/proc/1/oom_score_adj",
                         "/proc/1/mem", "/proc/self/uid_map", "/etc/passwd", "/usr/local/lib/atomic/runner"):
                try:
                    with open(path, "r+b", buffering=0) as file: file.write(b"1")
                    written.append(path)
                except OSError: pass
            print(written)
            """;
    private static final String SETUID =
            """
            import os, shutil, stat
            shutil.copy("/bin/bash", "/tmp/shell")
            try: os.chmod("/tmp/shell", 0o6755)
            except OSError: pass
            found = []
            for top, dirs, files in os.walk("/"):
                if top in ("/proc", "/sys", "/usr/share", "/usr/lib"): dirs[:] = []; continue
                for name in files:
                    try:
                        facts = os.lstat(os.path.join(top, name))
                        if stat.S_ISREG(facts.st_mode) and facts.st_mode & 0o6000 and facts.st_uid != os.getuid(): found.append(name)
                    except OSError: pass
            print(found, os.popen("/tmp/shell -p -c 'id -u'").read().strip() == str(os.getuid()))
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
            import os, sys
            for one in range(1, 65):
                try: os.kill(1, one)
                except OSError: pass
            print("alive")
            sys.exit(1)
            """;
    private static final String RECORDS =
            """
            import os
            forged = b"E\\0\\0\\0\\x0blimit none\\nZ\\0\\0\\0\\0"
            for path in ["/proc/1/fd/%d" % n for n in range(9)] + ["/dev/console", "/dev/tty", "/dev/pts/0"]:
                try: os.write(os.open(path, os.O_WRONLY), forged)
                except OSError: pass
            os.write(1, forged)
            os._exit(1)
            """;
    private static final String SURVIVORS =
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
