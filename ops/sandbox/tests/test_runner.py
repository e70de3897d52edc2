"""The runner does what it is asked and reports it: output, ends, limits, servers, files."""

import subprocess
import unittest
import uuid

from sandbox_client import RUNNER, Container, Run, record, request, step

MIB = 1 << 20


def run_python(
    source: str,
    *,
    kind: str = "run",
    wall_ms: int = 40_000,
    stdin: bytes | None = None,
    collect: tuple[str, ...] = (),
    memory_mb: int = 512,
) -> Run:
    asked = request(
        {"main.py": source},
        step(kind, "python3", "main.py"),
        wall_ms=wall_ms,
        stdin=stdin,
        collect=collect,
    )
    return Container(memory_mb=memory_mb).run(asked)


class ProgramEndTest(unittest.TestCase):
    def test_output_and_exit_code_are_reported(self) -> None:
        got = run_python("import sys\nprint('out')\nprint('err', file=sys.stderr)\nsys.exit(3)")
        self.assertEqual((b"out\n", b"err\n", "3"), (got.stdout, got.stderr, got.steps[0]["exit"]))
        self.assertTrue(got.complete)

    def test_a_signal_is_reported_as_one(self) -> None:
        got = run_python("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
        self.assertEqual("11", got.steps[0]["signal"])

    def test_standard_input_is_empty_unless_given(self) -> None:
        self.assertEqual(b"b''\n", run_python("import sys\nprint(sys.stdin.buffer.read())").stdout)
        self.assertEqual(
            b"b'a\\n'\n",
            run_python("import sys\nprint(sys.stdin.buffer.read())", stdin=b"a\n").stdout,
        )

    def test_a_program_that_is_not_there_is_named_by_its_error(self) -> None:
        got = Container().run(request({}, step("run", "no-such-program")))
        self.assertEqual("2", got.steps[0]["exec_errno"])

    def test_usage_is_counted(self) -> None:
        got = run_python("x = bytearray(100 << 20)\nfor i in range(3_000_000): pass")
        self.assertGreater(int(got.end["peak_bytes"]), 100 * MIB)
        self.assertGreater(int(got.end["cpu_us"]), 20_000)

    def test_nothing_of_our_environment_reaches_the_program(self) -> None:
        got = run_python("import os\nprint(sorted(os.environ))")
        self.assertNotIn(b"HOSTNAME", got.stdout)
        self.assertNotIn(b"ATOMIC", got.stdout)

    def test_steps_go_one_after_another_and_end_when_compiling_fails(self) -> None:
        source = {"main.c": '#include <stdio.h>\nint main(void) { puts("hi"); return 4; }\n'}
        steps = (
            step("compile", "gcc", "-o", "/tmp/program", "main.c"),
            step("run", "/tmp/program"),
        )
        got = Container().run(request(dict(source), *steps))
        self.assertEqual((["0", "4"], b"hi\n"), ([one["exit"] for one in got.steps], got.stdout))
        got = Container().run(request({"main.c": "int main(void) { return x; }\n"}, *steps))
        self.assertEqual(["compile"], [one["kind"] for one in got.steps])
        self.assertIn(b"undeclared", got.stderr)


class LimitTest(unittest.TestCase):
    def test_wall_time_ends_children_in_sessions_of_their_own_too(self) -> None:
        got = run_python(
            "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "for i in range(5):\n    if os.fork() == 0:\n        os.setsid()\n"
            "        time.sleep(100)\n"
            "time.sleep(100)",
            wall_ms=500,
        )
        self.assertEqual("wall", got.end["limit"])
        self.assertLess(int(got.end["wall_us"]), 5_000_000)
        self.assertTrue(got.complete)

    def test_the_first_mebibyte_is_kept_and_the_program_goes_on(self) -> None:
        got = run_python(f"import sys\nsys.stdout.write('x' * {3 * MIB})\nsys.exit(5)")
        self.assertEqual(
            (MIB, str(3 * MIB), "5", "none"),
            (len(got.stdout), got.end["stdout_bytes"], got.steps[0]["exit"], got.end["limit"]),
        )

    def test_past_sixteen_mebibytes_it_is_killed(self) -> None:
        got = run_python(
            "import os\nwhile True: os.write(1, b'x' * 65536); os.write(2, b'y' * 65536)"
        )
        self.assertEqual("output", got.end["limit"])
        self.assertEqual((MIB, MIB), (len(got.stdout), len(got.stderr)))

    def test_a_memory_bomb_takes_the_program_and_not_the_runner(self) -> None:
        got = run_python("x = []\nwhile True: x.append(bytearray(1 << 20))", memory_mb=128)
        self.assertTrue(got.complete)
        self.assertEqual("9", got.steps[0]["signal"])
        self.assertGreater(int(got.end["oom_kills"]), 0)

    def test_a_fork_bomb_ends_with_its_time(self) -> None:
        source = "while True:\n    try: os.fork()\n    except OSError: pass\n"
        got = run_python("import os\n" + source, wall_ms=1500)
        self.assertEqual("wall", got.end["limit"])
        self.assertTrue(got.complete)


class NobodyLeftTest(unittest.TestCase):
    """When the run's end is said no process but the runner lives, whatever the program made."""

    FORKS = "import os, signal, time\n"
    PYTHON = {
        "spin": FORKS + "for _ in range(99):\n    if os.fork() == 0: break\nwhile True: pass\n",
        "sessions that ignore every signal": FORKS
        + "for one in range(1, 64):\n"
        "    try: signal.signal(one, signal.SIG_IGN)\n    except (OSError, ValueError): pass\n"
        "for _ in range(99):\n    if os.fork() == 0: os.setsid(); break\nwhile True: pass\n",
        "stopped": FORKS + "for _ in range(99):\n"
        "    if os.fork() == 0: os.kill(os.getpid(), signal.SIGSTOP)\ntime.sleep(100)\n",
        "threads that fork": FORKS + "import threading\ndef bomb():\n    while True:\n"
        "        try: os.fork()\n        except OSError: pass\n"
        "for _ in range(40):\n    try: threading.Thread(target=bomb).start()\n"
        "    except RuntimeError: pass\nbomb()\n",
    }
    C = {
        "fork bomb": "for (;;) fork();",
        "in vfork": "for (int i = 0; i < 40; i++)"
        " if (fork() == 0 && vfork() == 0) for (;;) pause(); for (;;) pause();",
        "each the child of an ended one": "for (int i = 0; i < 30; i++) if (fork() == 0) break;"
        "for (;;) if (fork() > 0 && getppid() != 1) _exit(0);",
        "stopping each other": "for (int i = 0; i < 99; i++)"
        " if (fork() == 0) for (;;) kill(-1, SIGSTOP); for (;;) kill(-1, SIGCONT);",
    }

    def nobody_is_left(self, asked: bytes) -> None:
        name = f"atomic-nobody-left-{uuid.uuid4()}"
        container = Container(f"--name={name}")
        got = container.until("Z", asked)
        listed = subprocess.run(
            ["docker", "top", name, "-eo", "pid,args"], capture_output=True, text=True
        )
        container.close()
        self.assertEqual("wall", got.end["limit"], got)
        alive = [line.split(None, 1)[1] for line in listed.stdout.splitlines()[1:]]
        self.assertEqual([RUNNER], alive)

    def test_of_a_program_in_python(self) -> None:
        for name, source in self.PYTHON.items():
            with self.subTest(name):
                steps = step("run", "python3", "main.py")
                self.nobody_is_left(request({"main.py": source}, steps, wall_ms=2000))

    def test_of_a_program_in_c(self) -> None:
        for name, source in self.C.items():
            with self.subTest(name):
                head = "#include <signal.h>\n#include <unistd.h>\n"
                main = head + f"int main(void) {{ {source} }}\n"
                steps = (
                    step("compile", "gcc", "-o", "/tmp/program", "main.c"),
                    step("run", "/tmp/program"),
                )
                self.nobody_is_left(request({"main.c": main}, *steps, wall_ms=3000))


class ServerTest(unittest.TestCase):
    HTTP = (
        "import http.server\nclass H(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n        self.send_response({status})\n        self.end_headers()\n"
        "http.server.HTTPServer(('{host}', {port}), H).serve_forever()\n"
    )

    def test_a_server_is_asked_once_and_stopped(self) -> None:
        got = run_python(self.HTTP.format(status=204, host="0.0.0.0", port=8000), kind="auto")
        self.assertEqual(
            {"port": "8000", "answer": "http", "status": "204"},
            {name: got.probe[name] for name in ("port", "answer", "status")},
        )
        self.assertEqual("1", got.steps[0]["stopped"])
        self.assertEqual(1, got.stderr.count(b"GET / "))

    def test_what_it_answers_is_reported(self) -> None:
        got = run_python(self.HTTP.format(status=503, host="127.0.0.1", port=5000), kind="server")
        self.assertEqual("503", got.probe["status"])

    def test_a_listener_that_is_no_http_is_one_too(self) -> None:
        got = run_python(
            "import socket\ns = socket.create_server(('', 7000))\n"
            "while True:\n    c, _ = s.accept()\n    c.sendall(b'hello\\n')\n    c.close()",
            kind="server",
        )
        self.assertEqual(("7000", "other"), (got.probe["port"], got.probe["answer"]))

    def answer(self, *parts: str) -> dict[str, str]:
        """What is found of a server that answers with these bytes, 50 ms apart, and closes."""
        source = (
            "import socket, time\ns = socket.create_server(('', 7000))\n"
            f"while True:\n    c, _ = s.accept()\n    c.recv(65536)\n    for part in {parts!r}:\n"
            "        time.sleep(0.05)\n        c.sendall(part.encode())\n    c.close()"
        )
        got = run_python(source, kind="server")
        self.assertEqual("1", got.steps[0]["stopped"], got)
        return {name: got.probe[name] for name in ("answer", "status")}

    def test_interim_answers_are_passed_over(self) -> None:
        final = "HTTP/1.1 204 No Content\r\n\r\n"
        for parts in (
            ("HTTP/1.1 100 Continue\r\n\r\n" + final,),
            ("HTTP/1.1 100 Continue\r\nX: 500\r\n\r\n", final),
            ("HTTP/1.1 100\n\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n", "\r", "\n" + final),
            tuple("HTTP/1.1 102 \r\n\r\n" + final),
        ):
            with self.subTest(parts=parts):
                self.assertEqual({"answer": "http", "status": "204"}, self.answer(*parts))
        found = self.answer("HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 500 No\r\n\r\n")
        self.assertEqual("500", found["status"])

    def test_a_status_that_is_none_is_no_answer(self) -> None:
        for line in (
            "HTTP/1.1 999999 OK\r\n\r\n",
            "HTTP/1.1 99 OK\r\n\r\n",
            "HTTP/1.1 600 OK\r\n\r\n",
            "HTTP/1.1 -200 OK\r\n\r\n",
            "HTTP/1.1 2e2 OK\r\n\r\n",
            "HTTP/1.1\r\n\r\n",
            "HTTP/1.1 20",
            "HTTP/1.1 100 Continue\r\n\r\n",
        ):
            with self.subTest(line=line):
                self.assertEqual({"answer": "malformed", "status": "0"}, self.answer(line))
        self.assertEqual("other", self.answer("HT")["answer"])
        self.assertEqual("closed", self.answer()["answer"])

    def test_one_that_accepts_and_says_nothing_is_given_up(self) -> None:
        got = run_python(
            "import socket, time\ns = socket.create_server(('', 7000))\ntime.sleep(100)",
            kind="server",
        )
        self.assertEqual(("silent", "1"), (got.probe["answer"], got.steps[0]["stopped"]))
        self.assertLess(int(got.end["wall_us"]), 9_000_000)

    def test_a_script_that_tests_its_own_server_ends_by_itself(self) -> None:
        script = (
            "import http.server, threading, time, urllib.request\n"
            "class H(http.server.BaseHTTPRequestHandler):\n"
            "    def do_GET(self):\n        self.send_response(200)\n        self.end_headers()\n"
            "s = http.server.ThreadingHTTPServer(('127.0.0.1', 8000), H)\n"
            "threading.Thread(target=s.serve_forever, daemon=True).start()\n"
            "time.sleep(0.5)\n"
            "assert urllib.request.urlopen('http://127.0.0.1:8000').status == {status}\n"
        )
        for status, end in ((200, "0"), (201, "1")):
            got = run_python(script.format(status=status), kind="auto")
            self.assertEqual((end, "0"), (got.steps[0]["exit"], got.steps[0]["stopped"]), got)

    def test_one_that_answers_once_and_ends_has_answered(self) -> None:
        serving = self.HTTP.format(status=200, host="", port=8000)
        got = run_python(serving.replace("serve_forever", "handle_request"), kind="server")
        self.assertEqual(("http", "200"), (got.probe["answer"], got.probe["status"]), got)

    def test_flask_and_fastapi_are_found(self) -> None:
        got = run_python(
            "from flask import Flask\napp = Flask(__name__)\n@app.get('/')\n"
            "def root(): return 'x'\n"
            "app.run(port=8080)",
            kind="auto",
        )
        self.assertEqual(("8080", "200"), (got.probe["port"], got.probe["status"]))
        source = (
            "import uvicorn, fastapi\napp = fastapi.FastAPI()\n@app.get('/')\n"
            "def root(): return 1\n"
            "uvicorn.run(app, port=8081)"
        )
        steps = step("auto", "python3", "main.py")
        asked = request({"main.py": source}, steps, wall_ms=90_000, probe_ms=60_000)
        got = Container().run(asked)  # a busy machine takes more than 10 s for the imports
        self.assertEqual(("8081", "200"), (got.probe["port"], got.probe["status"]))

    def test_a_program_that_ends_first_is_a_run(self) -> None:
        got = run_python("print(1)", kind="auto")
        self.assertEqual(({}, "0"), (got.probe, got.steps[0]["exit"]))

    def test_one_that_never_listens_is_stopped_only_where_a_server_was_asked_for(self) -> None:
        sleeper = request(
            {"main.py": "import time\ntime.sleep(1)"},
            step("server", "python3", "main.py"),
            probe_ms=300,
        )
        got = Container().run(sleeper)
        self.assertEqual(({}, "1"), (got.probe, got.steps[0]["stopped"]))
        sleeper = request(
            {"main.py": "import time\ntime.sleep(1)"},
            step("auto", "python3", "main.py"),
            probe_ms=300,
        )
        got = Container().run(sleeper)
        self.assertEqual(("0", "0"), (got.steps[0]["exit"], got.steps[0]["stopped"]))


class FilesTest(unittest.TestCase):
    def test_only_what_matches_comes_back(self) -> None:
        got = run_python(
            "import os\nos.makedirs('out/deep')\nopen('out/a.txt', 'w').write('1')\n"
            "open('out/deep/b.bin', 'wb').write(bytes(range(256)))\n"
            "open('c.txt', 'w').write('2')\n",
            collect=("out/**", "*.md"),
        )
        self.assertEqual({"out/a.txt": b"1", "out/deep/b.bin": bytes(range(256))}, got.files)

    def test_names_like_options_are_named_and_left(self) -> None:
        got = run_python(
            "import os\nos.mkdir('@d')\nfor name in ('-o.txt', '@d/a.txt', 'a-@.txt'): "
            "open(name, 'w').close()\n",
            collect=("**/*.txt",),
        )
        self.assertEqual({"a-@.txt": b""}, got.files)
        self.assertEqual({"-o.txt": "option", "@d/": "option"}, got.refused)

    def test_what_is_no_plain_file_is_named_and_left(self) -> None:
        got = run_python(
            "import os\nos.mkdir('o')\nos.chdir('o')\nos.symlink('/etc/passwd', 'link')\n"
            "os.symlink('/etc', 'dir')\n"
            "os.mkfifo('fifo')\nopen('a', 'w').close()\nos.link('a', 'b')\n"
            "open('big', 'wb').truncate(100 << 20)\n"
            "open('bad\\nname', 'w').close()\nopen('back\\\\slash', 'w').close()\n"
            "open('fine', 'w').write('x')\n",
            collect=("o/**",),
        )
        self.assertEqual({"o/fine": b"x"}, got.files)
        self.assertEqual(
            {
                "o/link": "link",
                "o/dir": "link",
                "o/fifo": "not_a_regular_file",
                "o/a": "hard_link",
                "o/b": "hard_link",
                "o/big": "too_large",
                "o/bad\nname": "control_character",
                "o/back\\slash": "backslash",
            },
            got.refused,
        )

    def test_what_is_too_long_or_too_deep_is_named(self) -> None:
        got = run_python(
            "import os\n"
            "long = '/'.join(['o'] + ['d' * 200] * 2)\nos.makedirs(long)\n"
            "open(long + '/' + 'f' * 120, 'w').close()\n"
            "os.mkdir(long + '/' + 'g' * 255)\nopen(long + '/fine', 'w').close()\n"
            "os.makedirs('o/' + 'x/' * 16)\nopen('o/' + 'x/' * 15 + 'file', 'w').close()\n"
            "open('o/' + 'x/' * 16 + 'file', 'w').close()\n",
            collect=("o/**",),
        )
        long = "o/" + "d" * 200 + "/" + "d" * 200 + "/"
        self.assertEqual({long + "fine"}, set(got.files))
        self.assertEqual(
            {
                long + "f" * 120: "too_long",
                long + "g" * 255 + "/": "too_long",
                "o/" + "x/" * 15 + "file": "too_deep",
                "o/" + "x/" * 16: "too_deep",
            },
            got.refused,
        )

    def test_a_folder_not_looked_into_is_named_if_it_may_have_what_was_asked_for(self) -> None:
        made = (
            "import os\n"
            "for name in ('shut', 'back\\\\slash', 'new\\nline'):\n"
            "    os.makedirs(f'o/{name}')\n    open(f'o/{name}/a.txt', 'w').close()\n"
            "os.mkdir('o/file')\nopen('o/file/b.txt', 'w').close()\nos.chmod('o/file/b.txt', 0)\n"
            "os.chmod('o/shut', 0)\n"
        )
        named = {
            "o/shut/": "unreadable",
            "o/back\\slash/": "backslash",
            "o/new\nline/": "control_character",
            "o/file/b.txt": "unreadable",
        }
        for patterns in (("o/**",), ("**/*.txt",), ("o/*/?.txt",)):
            with self.subTest(patterns=patterns):
                self.assertEqual(named, run_python(made, collect=patterns).refused)
        for patterns in (("*.txt",), ("o/*.txt",), ("p/**",), ("o/shut",)):
            with self.subTest(patterns=patterns):
                self.assertEqual({}, run_python(made, collect=patterns).refused)
        got = run_python("import os\nos.chmod('.', 0)", collect=("a",))
        self.assertEqual({"./": "unreadable"}, got.refused)

    def test_so_many_are_named_and_the_others_counted(self) -> None:
        got = run_python("import os\nfor i in range(70): os.symlink('x', f'l{i}')", collect=("l*",))
        self.assertEqual("and_more", got.refused.pop("20"))
        self.assertEqual(50, len(got.refused))

    def test_their_number_and_size_are_bounded(self) -> None:
        got = run_python("for i in range(300): open(f'f{i}', 'w').close()", collect=("f*",))
        self.assertEqual(200, len(got.files))
        got = run_python(
            "for i in range(20): open(f'f{i}', 'wb').write(bytes(1 << 20))", collect=("f*",)
        )
        self.assertEqual(8, len(got.files))

    def test_paths_that_lead_elsewhere_are_refused_on_the_way_in(self) -> None:
        for path in (
            "/etc/x",
            "../x",
            "a/../../x",
            "a//b",
            "./x",
            "a\\b",
            "a\nb",
            "",
            "a/" * 17 + "b",
            "x" * 513,
            "-o",
            "@options",
            "a/-b/c",
        ):
            with self.subTest(path=path):
                got = Container().run(request({path: "x"}, step("run", "true")))
                self.assertIn("path is refused", got.quit)
                self.assertFalse(got.complete)

    def test_a_request_that_makes_no_sense_is_refused(self) -> None:
        for asked in (
            record("G"),
            record("?"),
            record("L", b"wall_ms x\n"),
            step("fly", "true"),
            step("run"),
        ):
            with self.subTest(asked=asked):
                self.assertNotEqual("", Container().run(asked).quit)


if __name__ == "__main__":
    unittest.main()
