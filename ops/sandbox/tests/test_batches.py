"""Batches in one container: each begins where the first one did, whatever was left behind."""

from __future__ import annotations

import unittest

from sandbox_client import Container, next_batch, record, request, step

CLEAN = "import os; print(sorted(os.listdir('.')), os.listdir('/tmp'), os.listdir('/dev/shm'))"
LOOK = step("run", "python3", "-c", CLEAN)
END = record("G")

# Each leaves something behind that is hard to take away.
LEFTOVERS = {
    "files everywhere": "for d in ('.', '/tmp', '/dev/shm'): open(d + '/left', 'w').write('x')",
    "a chain deeper than any path": (
        "import os\nfor _ in range(6000):\n    os.mkdir('d' * 200)\n    os.chdir('d' * 200)\n"
    ),
    "modes that allow nothing": (
        "import os\nos.makedirs('a/b/c')\nopen('a/b/c/f', 'w')\n"
        "for p in ('a/b/c/f', 'a/b/c', 'a/b', 'a', '.', '/tmp'): os.chmod(p, 0)\n"
    ),
    "as many files as there may be": (
        "import os\ntry:\n    for i in range(20000): open(f'f{i}', 'w')\nexcept OSError: pass\n"
    ),
    "names of any bytes, links, sockets and pipes": (
        "import os, socket\nopen(b'\\xff\\xfe', 'w')\nos.symlink('/etc', 'link')\n"
        "os.symlink('nowhere', b'~0')\nos.mkfifo('pipe')\nos.mkdir('~1')\n"
        "socket.socket(socket.AF_UNIX).bind('s')\nos.makedirs('x/~2/~3')\n"
    ),
    "processes": (
        "import os, signal, time\n"
        "if os.fork() == 0:\n    os.setsid()\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "    time.sleep(1000)\n"
    ),
    "the program itself changed": "open('main.py', 'w').write('print(1)')",
    "the program removed and a folder in its place": (
        "import os\nos.unlink('main.py')\nos.makedirs('main.py/x')"
    ),
    "a segment of System V": (
        "import ctypes\nl = ctypes.CDLL(None)\nassert l.shmget(77, 4096, 0o1600) >= 0\n"
    ),
}


class BatchesTest(unittest.TestCase):
    def test_each_batch_begins_where_the_first_did(self) -> None:
        for name, program in LEFTOVERS.items():
            with self.subTest(name):
                container = Container()
                files: dict[str, str | bytes] = {"main.py": "print('whole')\n", "lib/a.txt": "a"}
                first = container.batch(
                    request(files, step("run", "python3", "-c", program), more=1)
                )
                self.assertEqual(first.kinds[-1:], "M", first)
                self.assertEqual(first.steps[0].get("exit"), "0", first.stderr)
                ipc = step("run", "cat", "/proc/sysvipc/shm")
                main = step("run", "python3", "main.py")
                last = container.run(next_batch(LOOK, main, ipc))
                lines = last.stdout.decode().splitlines()
                self.assertEqual(lines[0], "['lib', 'main.py'] [] []", last)
                self.assertEqual(lines[1], "whole")
                self.assertEqual(len(lines), 3, "a head and no segment")
                self.assertTrue(last.complete)

    def test_without_b_the_workspace_stays(self) -> None:
        container = Container()
        write = step("run", "python3", "-c", "open('f', 'w').write('x')")
        container.batch(request({}, write, more=1))
        last = container.run(next_batch(LOOK, back=False))
        self.assertIn(b"['f']", last.stdout)

    def test_a_compiled_program_is_put_back(self) -> None:
        source = (
            '#include <stdio.h>\n#include <unistd.h>\n#include <string.h>\n'
            "int main(int c, char **v) {\n"
            '  if (c > 1) { unlink("/tmp/program"); symlink("/bin/true", "/tmp/program"); }\n'
            '  puts("mine"); return 0; }\n'
        )
        container = Container()
        compiling = step("compile", "gcc", "-o", "/tmp/program", "main.c")
        first = container.batch(request({"main.c": source}, compiling, more=1))
        self.assertEqual(first.steps[0].get("exit"), "0", first)
        for argument in ("replace", "again"):
            ran = container.batch(next_batch(step("run", "/tmp/program", argument), more=1))
            self.assertEqual(ran.stdout, b"mine\n")
        self.assertTrue(container.run(END).complete)

    def test_each_batch_has_its_own_input_and_limits(self) -> None:
        container = Container()
        cat = step("run", "cat")
        self.assertEqual(container.batch(request({}, cat, stdin=b"one", more=1)).stdout, b"one")
        self.assertEqual(container.batch(next_batch(cat, more=1)).stdout, b"")
        ran = container.batch(next_batch(cat, stdin=b"two", more=1))
        self.assertEqual((ran.stdout, ran.steps[0]["step"]), (b"two", "2"))
        slow = container.batch(next_batch(step("run", "sleep", "60"), step_ms=100, more=1))
        self.assertEqual((slow.steps[0]["limit"], slow.steps[0].get("signal")), ("wall", "9"))
        loud = container.batch(
            next_batch(step("run", "yes"), step_ms=30_000, output_bytes=100_000, more=1)
        )
        self.assertEqual(loud.steps[0]["limit"], "output")
        last = container.run(next_batch(cat, stdin=b"still", step_ms=0))
        self.assertEqual((last.stdout, last.end["limit"]), (b"still", "none"))

    def test_the_run_s_own_time_ends_it(self) -> None:
        container = Container()
        container.batch(request({}, step("run", "true"), wall_ms=1_000, more=1))
        last = container.batch(next_batch(step("run", "sleep", "60"), more=1))
        self.assertEqual((last.steps[0]["limit"], last.end["limit"]), ("wall", "wall"))
        self.assertTrue(last.complete)
        container.close()

    def test_what_a_step_used_is_its_own(self) -> None:
        container = Container()
        big = step("run", "python3", "-c", "x = bytearray(80 << 20)")
        first = container.batch(request({}, big, more=1)).steps[0]
        second = container.run(next_batch(step("run", "true"))).steps[0]
        self.assertGreater(int(first["peak_bytes"]), 80 << 20)
        self.assertLess(int(second["peak_bytes"]), 20 << 20)
        self.assertLess(int(second["cpu_us"]), int(first["cpu_us"]))

    def test_what_makes_no_sense_is_refused(self) -> None:
        for what in (
            record("B"),
            record("L", b"wall_ms 1\n") + record("G"),
            record("L", b"more 1\n") + record("G"),
            record("W", b"\0\1x") + record("B"),
            step("run", "true") * 251,
        ):
            container = Container()
            first = request({}, step("run", "true"), more=1)
            if what == record("B"):
                answer = container.batch(record("B"))
            else:
                container.batch(first)
                answer = container.batch(what)
            self.assertNotEqual(answer.quit, "", what[:40])
            container.close()


if __name__ == "__main__":
    unittest.main()
