"""What a program can reach: nothing outside, and no more of the machine than its share."""

import json
import pathlib
import subprocess
import unittest

from sandbox_client import IMAGE, LABEL, Container, Run, request, step

# x86-64 numbers of system calls that must fail, with arguments that would otherwise get further
# than "not permitted".
REFUSED = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "ptrace": 101,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "keyctl": 250,
    "add_key": 248,
    "request_key": 249,
    "bpf": 321,
    "userfaultfd": 323,
    "perf_event_open": 298,
    "mount": 165,
    "umount2": 166,
    "pivot_root": 155,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsmount": 432,
    "mount_setattr": 442,
    "unshare": 272,
    "setns": 308,
    "chroot": 161,
    "open_by_handle_at": 304,
    "name_to_handle_at": 303,
    "kexec_load": 246,
    "init_module": 175,
    "finit_module": 313,
    "delete_module": 176,
    "reboot": 169,
    "swapon": 167,
    "settimeofday": 164,
    "clock_settime": 227,
    "acct": 163,
    "quotactl": 179,
    "iopl": 172,
    "ioperm": 173,
    "personality": 135,
    "modify_ldt": 154,
    "syslog": 103,
    "fanotify_init": 300,
    "kcmp": 312,
    "pidfd_getfd": 438,
    "vmsplice": 278,
    "mq_open": 240,
    "memfd_secret": 447,
    "lookup_dcookie": 212,
    "migrate_pages": 256,
    "sethostname": 170,
    "io_setup": 206,
}


def python(source: str, *, wall_ms: int = 40_000, pids: int = 128) -> Run:
    return Container(pids=pids).run(
        request({"main.py": source}, step("run", "python3", "main.py"), wall_ms=wall_ms)
    )


class SystemCallTest(unittest.TestCase):
    def test_dangerous_calls_are_refused(self) -> None:
        got = python(
            "import ctypes, json, sys\nlibc = ctypes.CDLL(None, use_errno=True)\nout = {}\n"
            f"for name, number in {REFUSED!r}.items():\n"
            "    ctypes.set_errno(0)\n    result = libc.syscall(number, 0, 0, 0, 0, 0, 0)\n"
            "    out[name] = ctypes.get_errno() if result == -1 else -1\n"
            "print(json.dumps(out))"
        )
        errors = json.loads(got.stdout)
        # EPERM from the profile, never what the kernel itself would say (EINVAL, EFAULT).
        self.assertEqual({}, {name: error for name, error in errors.items() if error != 1})

    def test_limits_and_scheduling_of_the_runner_are_out_of_reach(self) -> None:
        got = python(
            "import ctypes, os, struct\nlibc = ctypes.CDLL(None, use_errno=True)\n"
            "idle, zero = ctypes.create_string_buffer(64), struct.pack('QQ', 0, 0)\n"
            "attr = struct.pack('IIQiIQQQ', 48, 5, 0, 0, 0, 0, 0, 0)\n"
            "one = ctypes.create_string_buffer(struct.pack('Q', 1), 128)\n"
            "calls = {\n"
            "    'sched_setscheduler': (144, 1, 5, idle), 'sched_setparam': (142, 1, idle),\n"
            "    'sched_setattr': (314, 1, attr, 0), 'sched_setaffinity': (203, 1, 128, one),\n"
            "    'setpriority': (141, 0, 1, 19), 'setpriority of a group': (141, 1, 1, 19),\n"
            "    'setpriority of the user': (141, 2, os.getuid(), 19),\n"
            "    'setpriority of the own user': (141, 2, 0, 19),\n"
            "    'ioprio_set': (251, 1, 1, 3 << 13),\n"
            "    'ioprio_set of a user': (251, 3, os.getuid(), 3 << 13),\n"
            "    'above 32 bits': (144, ctypes.c_long((1 << 32) + 1), 5, idle),\n"
            "    'cpu': (302, 1, 0, zero, 0), 'files': (302, 1, 7, zero, 0),\n"
            "}\n"
            "for name, call in calls.items():\n"
            "    if libc.syscall(*call) != -1 or ctypes.get_errno() != 1: print(name)\n"
            "print('none')\n"
        )
        self.assertEqual("none\n", got.stdout.decode(), got)

    def test_a_program_may_still_limit_and_schedule_itself(self) -> None:
        got = python(
            "import os, resource, subprocess\n"
            "resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))\n"
            "resource.prlimit(0, resource.RLIMIT_NOFILE, (90, 90))\n"
            "os.sched_setaffinity(0, os.sched_getaffinity(0))\n"
            "os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))\n"
            "os.setpriority(os.PRIO_PROCESS, 0, 5)\n"
            "print(os.nice(1), resource.getrlimit(resource.RLIMIT_NOFILE))\n"
            "subprocess.run(['nice', 'ionice', '-c3', 'prlimit', '--nofile=80', 'bash', '-c', "
            "'ulimit -n'], check=True)\n"
        )
        self.assertEqual("6 (90, 90)\n80\n", got.stdout.decode(), got)

    def test_no_namespace_can_be_made(self) -> None:
        got = python(
            "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
            "for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000, 0x04000000, 0x08000000, "
            "0x02000000):\n"
            "    r = libc.syscall(56, flag | 17, 0, 0, 0, 0)\n"
            "    if r == 0: libc._exit(0)\n"
            "    print(r, ctypes.get_errno())\n"
            "print(libc.syscall(435, 0, 0), ctypes.get_errno())\n"
        )
        self.assertEqual(["-1 1"] * 7 + ["-1 38"], got.stdout.decode().splitlines())

    def test_only_ordinary_sockets_can_be_made(self) -> None:
        got = python(
            "import socket\n"
            "for family, kind, protocol in ((38, 5, 0), (40, 1, 0), (17, 3, 0), (16, 3, 15), "
            "(29, 3, 1), (2, 3, 1), (2, 2, 1), (10, 2, 58), (2, 1, 262), (10, 1, 262), "
            "(2, 2, 136), (10, 2, 136), (2, 1, 132), (2, 6, 33), (16, 3, 4)):\n"
            "    try: socket.socket(family, kind, protocol); print('made', family, protocol)\n"
            "    except PermissionError as e: pass\n"
            "import ctypes\n"
            "libc = ctypes.CDLL(None)\n"
            "print(libc.syscall(41, 2, 1, ctypes.c_ulong((1 << 32) + 262)))\n"
            "for family, kind in ((1, 1), (1, 2), (1, 5), (2, 1), (2, 2), (10, 1), (10, 2)):\n"
            "    socket.socket(family, kind)\n"
            "socket.socket(2, 1, 6), socket.socket(10, 2, 17)\n"
        )
        self.assertEqual(b"-1\n", got.stdout, got)

    def test_the_profile_refuses_by_default(self) -> None:
        profile = json.loads((pathlib.Path(__file__).parent.parent / "seccomp.json").read_text())
        self.assertEqual("SCMP_ACT_ERRNO", profile["defaultAction"])
        allowed = {
            name
            for rule in profile["syscalls"]
            if rule["action"] == "SCMP_ACT_ALLOW"
            for name in rule["names"]
        }
        self.assertEqual(set(), allowed & set(REFUSED))

    def test_runtimes_work_under_it(self) -> None:
        got = Container().run(
            request(
                {
                    "a.cpp": "#include <thread>\n#include <iostream>\n"
                    "int main() { std::thread([] { std::cout << 7; }).join(); }\n",
                    "b.js": "const { Worker } = require('worker_threads');\n"
                    "new Worker('require(\"child_process\").execFileSync(\"true\"); "
                    "process.stdout.write(\"8\")', { eval: true });\n",
                    "c.py": "import concurrent.futures as f, multiprocessing as m, subprocess, "
                    "tempfile, sqlite3, numpy, asyncio\n"
                    "def sq(x): return x * x\n"
                    "if __name__ == '__main__':\n"
                    "    with f.ProcessPoolExecutor(2) as p: print(list(p.map(sq, [1, 2])))\n"
                    "    with f.ThreadPoolExecutor(2) as p: print(list(p.map(sq, [3])))\n"
                    "    print(m.Value('i', 4).value, subprocess.check_output(['echo', '5']))\n"
                    "    print(asyncio.run(asyncio.sleep(0, 6)), "
                    "numpy.linalg.inv(numpy.eye(2))[0, 0])\n",
                },
                step("compile", "g++", "-pthread", "-o", "/tmp/a", "a.cpp"),
                step("run", "/tmp/a"),
                step("run", "node", "b.js"),
                step("run", "python3", "c.py"),
                wall_ms=40_000,
            )
        )
        self.assertEqual(["0"] * 4, [one.get("exit") for one in got.steps], got)
        self.assertEqual(b"78[1, 4]\n[9]\n4 b'5\\n'\n6 1.0\n", got.stdout)

    def test_whoever_asks_who_runs_it_gets_an_answer(self) -> None:
        got = python(
            "import getpass, os, pwd, subprocess\n"
            "os.environ.clear()\n"
            "print(getpass.getuser(), pwd.getpwuid(os.getuid()).pw_dir, "
            "os.path.expanduser('~'), subprocess.check_output(['/usr/bin/whoami']), "
            "subprocess.check_output(['/usr/bin/id', '-gn']))\n"
            "print(subprocess.check_output(['/usr/bin/node', '-p', 'os.userInfo().homedir']))\n"
        )
        self.assertEqual(
            "sandbox /tmp /tmp b'sandbox\\n' b'sandbox\\n'\nb'/tmp\\n'\n", got.stdout.decode(), got
        )

    def test_what_connections_hold_in_the_kernel_is_bounded(self) -> None:
        got = python(
            "import socket\n"
            "listener = socket.create_server(('127.0.0.1', 0))\n"
            "one = socket.socket()\n"
            "for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):\n"
            "    before = one.getsockopt(socket.SOL_SOCKET, option)\n"
            "    one.setsockopt(socket.SOL_SOCKET, option, 1 << 24)\n"
            "    print(one.getsockopt(socket.SOL_SOCKET, option) == before)\n"
            "one.connect(listener.getsockname())\n"
            "other, _ = listener.accept()\n"
            "one.setblocking(False)\n"
            "sent = 0\n"
            "try:\n"
            "    while True: sent += one.send(bytes(1 << 16))\n"
            "except BlockingIOError: pass\n"
            "print(sent <= 512 << 10)\n"
            "import ctypes, struct\n"
            "libc = ctypes.CDLL(None)\n"
            "high = ctypes.c_ulong((1 << 32) + 1)\n"
            "libc.syscall(54, one.fileno(), high, 7, struct.pack('i', 1 << 24), 4)\n"
            "print(one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 1 << 18)\n"
        )
        self.assertEqual("True\n" * 4, got.stdout.decode(), got)

    def test_options_with_memory_of_their_own_are_refused(self) -> None:
        got = python(
            "import socket\n"
            "four, six, stream = socket.socket(2, 2), socket.socket(10, 2), socket.socket(2, 1)\n"
            "for one, level, options in ((four, 0, (4, 16, 17, *range(35, 49), 64, 96)), "
            "(six, 41, (*range(1, 7), 20, 21, 27, 28, 32, 34, 35, *range(42, 49), 54, 55, 57)), "
            "(stream, 6, (14, 19, 31, 32, 33, 38, 39, 40)), (four, 1, (26, 50, 51, 52, 60))):\n"
            "    for option in options:\n"
            "        try: one.setsockopt(level, option, bytes(64)); print('set', level, option)\n"
            "        except OSError as e:\n"
            "            if e.errno not in (1, 19): print(level, option, e)\n"
            "for one, level, option, size in ((four, 0, 35, 12), (six, 41, 20, 20)):\n"
            "    try: one.setsockopt(level, option, bytes(size))\n"
            "    except OSError as e: print(e.strerror)\n"
        )
        self.assertEqual("No such device\n" * 2, got.stdout.decode(), got)

    def test_sockets_can_still_be_tuned(self) -> None:
        got = python(
            "import socket\n"
            "one = socket.socket()\n"
            "one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
            "one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\n"
            "one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)\n"
            "one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)\n"
            "one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes(8))\n"
            "for option in (socket.TCP_NODELAY, socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, "
            "socket.TCP_KEEPCNT, socket.TCP_DEFER_ACCEPT, socket.TCP_QUICKACK, "
            "socket.TCP_USER_TIMEOUT, socket.TCP_FASTOPEN):\n"
            "    one.setsockopt(socket.IPPROTO_TCP, option, 1)\n"
            "for option in (socket.IP_TOS, socket.IP_TTL, socket.IP_MULTICAST_TTL, "
            "socket.IP_MULTICAST_LOOP, 8, 10):\n"
            "    socket.socket(2, 2).setsockopt(socket.IPPROTO_IP, option, 1)\n"
            "for option in (socket.SO_REUSEADDR, socket.SO_BROADCAST, socket.SO_RCVLOWAT, "
            "socket.SO_OOBINLINE, socket.SO_PRIORITY, 29, 35, 37, 42, 49):\n"
            "    one.setsockopt(socket.SOL_SOCKET, option, 1)\n"
            "six = socket.socket(socket.AF_INET6)\n"
            "for option in (socket.IPV6_V6ONLY, socket.IPV6_UNICAST_HOPS, "
            "socket.IPV6_MULTICAST_HOPS, socket.IPV6_RECVPKTINFO, socket.IPV6_TCLASS):\n"
            "    socket.socket(10, 2).setsockopt(socket.IPPROTO_IPV6, option, 1)\n"
            "two, _ = socket.socketpair()\n"
            "two.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)\n"
            "two.settimeout(3)\n"
            "print('tuned')\n"
        )
        self.assertEqual("tuned\n", got.stdout.decode(), got)


class SocketMemoryTest(unittest.TestCase):
    """Where the kernel doesn't count what lies in sockets as the container's memory, they have to
    fit in it."""

    MANY = (
        "import os, resource, socket, struct, time\n"
        "held = []\n"
        "def fill_udp():\n"
        "    for i in range(1000):\n"
        "        held.append(socket.socket(2, 2))\n        held[-1].bind(('127.0.0.1', 0))\n"
        "        for _ in range(4):\n"
        "            held[0].sendto(bytes(60000), held[-1].getsockname())\n"
        "def fill_tcp():\n"
        "    listener = socket.create_server(('127.0.0.1', 0), backlog=4000)\n"
        "    for i in range(2000):\n"
        "        one = socket.create_connection(listener.getsockname())\n"
        "        one.setblocking(False)\n"
        "        one.send(bytes(60000))\n"
        "def fill_netlink():\n"
        "    ask = struct.pack('IHHIIBBHiII', 32, 18, 1, 1, 0, 0, 0, 0, 1, 0, 0)\n"
        "    for i in range(1000):\n"
        "        held.append(socket.socket(16, 3, 0))\n"
        "        held[-1].setblocking(False)\n"
        "        for _ in range(300): held[-1].send(ask)\n"
    )

    def test_a_program_is_killed_for_what_its_sockets_hold(self) -> None:
        for kind in ("udp", "tcp", "netlink"):
            with self.subTest(kind):
                source = self.MANY + f"fill_{kind}()\nprint('full')\ntime.sleep(100)\n"
                got = Container(memory_mb=64).run(
                    request({"main.py": source}, step("run", "python3", "main.py"), wall_ms=30_000)
                )
                self.assertEqual("9", got.steps[0].get("signal"), got)
                self.assertEqual("1", got.steps[0]["oom_kills"], got)
                self.assertEqual(("none", "1"), (got.end["limit"], got.end["oom_kills"]), got)

    def test_hundreds_of_connections_are_no_harm(self) -> None:
        got = python(
            "import socket, time\n"
            "listener = socket.create_server(('127.0.0.1', 0), backlog=500)\n"
            "ends = []\n"
            "for i in range(450):\n"
            "    ends.append(socket.create_connection(listener.getsockname()))\n"
            "    ends.append(listener.accept()[0])\n"
            "    ends[-1].send(b'x' * 1000)\n"
            "time.sleep(0.3)\n"
            "print(sum(len(one.recv(2000)) for one in ends[::2]))\n"
        )
        self.assertEqual("450000\n", got.stdout.decode(), got)


class ReachTest(unittest.TestCase):
    def test_there_is_no_network(self) -> None:
        got = python(
            "import socket\n"
            "for host in ('1.1.1.1', '169.254.169.254', '172.17.0.1', '10.0.0.1', 'fd00::1', "
            "'2001:4860:4860::8888'):\n"
            "    family = socket.AF_INET6 if ':' in host else socket.AF_INET\n"
            "    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):\n"
            "        try:\n            s = socket.socket(family, kind)\n"
            "            s.settimeout(1)\n"
            "            s.connect((host, 53))\n            print('reached', host)\n"
            "        except OSError: pass\n"
            "try: print(socket.getaddrinfo('example.com', 80))\nexcept OSError: pass\n"
            "print(sorted(name for _, name in socket.if_nameindex()))\n"
        )
        self.assertEqual("['lo']\n", got.stdout.decode())

    def test_what_the_machine_runs_on_loopback_is_not_there(self) -> None:
        got = python(
            "import socket\nfor port in (22, 2375, 5432, 8080, 9092):\n"
            "    try: socket.create_connection(('127.0.0.1', port), 1); print(port)\n"
            "    except OSError: pass\n"
        )
        self.assertEqual(b"", got.stdout)

    def test_only_the_three_places_in_memory_are_writable(self) -> None:
        got = python(
            "import os\nfound = set()\n"
            "for top, dirs, files in os.walk('/'):\n"
            "    if top.startswith('/proc'): dirs[:] = []; continue\n"
            "    name = os.path.join(top, 'probe')\n"
            "    try: open(name, 'w').close(); os.unlink(name); found.add(top)\n"
            "    except OSError: pass\n"
            "print(sorted(found))\n"
        )
        self.assertEqual("['/dev/shm', '/tmp', '/workspace']\n", got.stdout.decode())

    def test_kernel_settings_are_read_only(self) -> None:
        got = python(
            "import glob, os\n"
            "for path in glob.glob('/proc/sys/**', recursive=True) + glob.glob('/sys/**', "
            "recursive=True)[:5000] + "
            "['/proc/sysrq-trigger', '/proc/1/oom_score_adj', '/proc/timer_list', '/proc/kcore']:\n"
            "    if os.path.isfile(path):\n"
            "        try: os.close(os.open(path, os.O_WRONLY)); print('open', path)\n"
            "        except OSError: pass\n"
        )
        self.assertEqual(b"", got.stdout)

    def test_no_capability_no_setuid_no_secret_no_engine(self) -> None:
        got = python(
            "import os, subprocess\n"
            "print([line.split()[1] for line in open('/proc/self/status') if "
            "line.startswith(('Cap', 'NoNewPrivs', 'Seccomp:'))])\n"
            "uid = os.getuid()\n"
            "print(os.getgid() == uid, os.getgroups() == [uid], "
            "os.path.exists('/var/run/docker.sock'))\n"
            "print(subprocess.run(['find', '/', '-xdev', '-perm', '/6000', '!', '-type', 'l'], "
            "capture_output=True).stdout)\n"
            "print([f for f in os.listdir('/dev') if f.startswith(('sd', 'vd', 'kvm', 'mem', "
            "'fuse', 'loop'))])\n"
            "try: os.mknod('/workspace/disk', 0o60600, os.makedev(8, 0)); print('made')\n"
            "except OSError: pass\n"
        )
        self.assertEqual(
            [
                "['0000000000000000', '0000000000000000', '0000000000000000', "
                "'0000000000000000', '0000000000000000', '1', '2']",
                "True True False",
                "b''",
                "[]",
            ],
            got.stdout.decode().splitlines(),
        )

    def test_nothing_is_left_behind(self) -> None:
        python(
            "import os, time\nfor i in range(20):\n"
            "    if os.fork() == 0: os.setsid(); time.sleep(90)\n"
        )
        left = subprocess.run(
            ["docker", "ps", "-aq", f"--filter=label={LABEL}"], capture_output=True, text=True
        )
        self.assertEqual("", left.stdout)


class ShareTest(unittest.TestCase):
    def test_every_writable_place_is_bounded_in_bytes_and_in_files(self) -> None:
        got = python(
            "import os\nfor place in ('/workspace', '/tmp', '/dev/shm'):\n"
            "    size = 0\n"
            "    for i in range(40):\n"
            "        try:\n            with open(f'{place}/fill{i}', 'wb', buffering=0) as f:\n"
            "                for _ in range(8): size += f.write(bytes(1 << 20))\n"
            "        except OSError as e: break\n"
            "    for i in range(40):\n        try: os.unlink(f'{place}/fill{i}')\n"
            "        except OSError: pass\n"
            "    count = 0\n"
            "    try:\n        for count in range(100000): open(f'{place}/n{count}', 'w').close()\n"
            "    except OSError as e: pass\n"
            "    print(place, size >> 20, count < 20000)\n",
            wall_ms=40_000,
        )
        sizes = [line.split() for line in got.stdout.decode().splitlines()]
        self.assertEqual(["/workspace", "/tmp", "/dev/shm"], [line[0] for line in sizes])
        for line, most in zip(sizes, (128, 64, 16)):
            self.assertLessEqual(int(line[1]), most)
            self.assertEqual("True", line[2])

    def test_processes_files_and_queues_are_bounded(self) -> None:
        got = python(
            "import os, resource\ncount = 0\n"
            "try:\n    while count < 1000:\n"
            "        if os.fork() == 0: import time; time.sleep(20); os._exit(0)\n"
            "        count += 1\n"
            "except OSError: pass\n"
            "print(count < 64, resource.getrlimit(resource.RLIMIT_NOFILE)[0], "
            "resource.getrlimit(resource.RLIMIT_FSIZE)[0] >> 20,"
            " resource.getrlimit(resource.RLIMIT_CORE)[0], "
            "resource.getrlimit(resource.RLIMIT_MSGQUEUE)[0])\n",
            pids=64,
        )
        self.assertEqual("True 1024 128 0 0\n", got.stdout.decode())

    def test_a_spin_gets_its_share_of_the_processor(self) -> None:
        got = python("import os\nos.fork()\nos.fork()\nwhile True: pass\n", wall_ms=1000)
        self.assertLess(int(got.end["cpu_us"]), 1_400_000)

    def test_the_image_runs_a_command_as_it_is(self) -> None:
        got = subprocess.run(
            ["docker", "run", "--rm", IMAGE, "python", "-c", "print('test')"],
            capture_output=True,
            text=True,
        )
        self.assertEqual("test\n", got.stdout)

    def test_what_is_installed_is_written_down(self) -> None:
        got = subprocess.run(
            ["docker", "run", "--rm", IMAGE, "cat", "/etc/atomic/packages.json"],
            capture_output=True,
            text=True,
        )
        listed = json.loads(got.stdout)
        self.assertEqual({"python", "javascript", "c", "cpp", "bash"}, set(listed))
        self.assertLessEqual(
            {"requests", "numpy", "pandas", "flask", "pytest", "fastapi", "httpx"},
            set(listed["python"]["libraries"]),
        )


if __name__ == "__main__":
    unittest.main()
