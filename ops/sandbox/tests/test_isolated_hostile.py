"""A program that sends anything at all gets a verdict, soon, and never `passed`."""

import os
import socket
import sys
import tempfile
import threading
import unittest
from typing import Any

import local_judge

sys.path.insert(0, str(local_judge.HARNESS))
from isolated import proxies, stubs  # noqa: E402
from isolated.files import Files  # noqa: E402
from isolated.judge_end import JudgeEnd  # noqa: E402
from isolated.limits import Broken  # noqa: E402
from isolated.subject_end import SubjectEnd  # noqa: E402

# The channel is descriptors 4 and 5, here one socket. The greeting, then what is asked is read
# and answered with `reply`.
PREFIX = """
import json, os, random, socket, struct, sys, time
channel = socket.socket(fileno=4)
def frame(body):
    channel.sendall(struct.pack(">I", len(body)) + body)
def say(message):
    frame(json.dumps(message).encode())
def hear():
    head = channel.recv(4, socket.MSG_WAITALL)
    return json.loads(channel.recv(struct.unpack(">I", head)[0], socket.MSG_WAITALL))
def klass(number, name="C", kind="object", ops=(), fields=(), methods=(), module="main", bases=()):
    return ["class", number, name, module, name, None, list(bases), list(ops), kind, list(fields),
            list(methods), None]
def start():
    say(["hello 1", [], ["main"]])
    hear()
"""
# Each would pass if it were believed.
TEST = """
import pytest
def test_it():
    import main
    with pytest.raises(BaseException):
        assert main.f(1) == 2
def test_more():
    import main
    try:
        assert main.f(1) == 1
    except BaseException:
        pass
"""
SUBJECTS = {
    "nothing": "sys.exit()",
    "no greeting": "say(['return', [], 1])",
    "names that are none": "say(['hello 1', [], [1, [], '../x', 'a b']]); time.sleep(100)",
    "closes": "start()",
    "no JSON": "start(); frame(b'{')",
    "wrong kind": "start(); say(['passed', [], 1])",
    "wrong tag": "start(); say(['return', [], ['zz', 1]])",
    "endless depth": "start(); frame(b'[' * 1000000)",
    "nested": "start(); frame(b'[\"return\",[],' + b'[\"t\",' * 900 + b']' * 901)",
    "too large": "start(); channel.sendall(b'\\xff' * 8)",
    "objects it can't have": "start(); say(['return', [], ['o', 1, 99]])",
    "the judge's objects": "start(); say(['return', [], ['j', 2]])",
    "containers that aren't": "start(); say(['return', [], ['old', 2]])",
    "calls what isn't lent": "start(); say(['call', [], ['call', 2, [], []]])",
    "asks for nothing known": "start(); say(['call', [], ['eval', '1']])",
    "changes what isn't shared": "start(); say(['return', [['changed', 2, 1]], 1])",
    "a builtin's class": "start(); say(['return', [klass(1), klass(1)], 1])",
    "a field that is code": "start(); say(['return', [klass(1, kind='named', "
    "fields=['x=__import__(\"os\")._exit(0)'])], 1])",
    "a name that is code": "start(); say(['return', [klass(1, name='C(object):pass\\nquit()#', "
    "kind='named', fields=['a'])], 1])",
    "a class above itself": "start(); say(['return', [klass(1, bases=[['K', 1]])], 1])",
    "an array of objects": "start(); say(['return', [], ['nd', '|O8', [1], '00' * 8]])",
    "a number of a thousand digits": "start(); frame(b'[\"return\",[],' + b'9' * 5000 + b']')",
    "files elsewhere": "start(); say(['return', [['file', '../../x', '00']], 1])",
    "a file by its absolute name": "start(); say(['return', [['file', '/tmp/x', '00']], 1])",
    "a path of a zone": "start(); say(['return', [], ['zone', '../../etc/passwd']])",
    "no module": "start(); say(['return', [], 1])",
    "skips": "start(); say(['raise', [klass(1, name='SkipTest', module='unittest.case', "
    "kind='exception', bases=[])], ['x', 1, 1, '', [], [], None]])",
    "skips as pytest does": "start(); say(['raise', [klass(1, name='Skipped', module="
    "'_pytest.outcomes', kind='exception')], ['x', 1, 1, '', [], [], None]])",
    "exits": "start(); say(['raise', [klass(1, name='SystemExit', module='builtins', "
    "kind='exception')], ['x', 1, 1, '', [0], [], None]])",
    "interrupts": "start(); say(['raise', [klass(1, name='KeyboardInterrupt', module='builtins', "
    "kind='exception')], ['x', 1, 1, '', [], [], None]])",
    "a tuple whose equality it would be asked for": "start(); say(['return', [klass(1, "
    "kind='named', fields=['a'], methods=['__eq__'])[:-1] + [[[]]]], ['nt', 1, 5]])",
    "a tuple whose field is a method": "start(); say(['return', [klass(1, kind='named', "
    "fields=['a'], methods=['a'])[:-1] + [[[]]]], 1])",
    "defaults that aren't the last": "start(); say(['return', [klass(1, kind='named', "
    "fields=['a', 'b'])[:-1] + [[[1], []]]], 1])",
    "a default that is made by anything": "start(); say(['return', [klass(1, kind='data', "
    "fields=['a'])[:-1] + [[[['eval']]]]], 1])",
    "a bool that is five": "start(); say(['return', [], ['nd', '|b1', [1], '05']])",
    "an array of records": "start(); say(['return', [], ['nd', 'i4,i4', [1], '00' * 8]])",
    "an array that is larger than its bytes": "start(); say(['return', [], "
    "['nd', '<i8', [1099511627776, 1099511627776], '']])",
    "a fraction of nothing": "start(); say(['return', [], ['fr', 1, 0]])",
    "a date that never was": "start(); say(['return', [], ['date', '2026-02-31']])",
    "a set of lists": "start(); say(['return', [], ['new', 1, 's', ['new', 3, 'l']]])",
    "more values than keys": "start(); say(['return', [], ['new', 1, 'd', [1], [1, 2]]])",
    "an error that is none": "start(); say(['raise', [klass(1)], ['x', 1, 1, '', [], [], None]])",
    "an error of the tests that never was": "start(); say(['raise', [], ['xj', 2]])",
    "an error that causes itself": "start(); say(['raise', [klass(1, kind='exception')], "
    "['x', 1, 1, '', [], [], ['x', 1, 1, '', [], [], ['x', 1, 1, '', [], [], 5]]]])",
    "loggers without end": "start(); say(['return', [['log', 'x%d' % n, 10, '', '', 1, '', True, "
    "None] for n in range(1100)], 1])",
    "a log that is none": "start(); say(['return', [['log', [], 10, '', '', 1, '', True, None]], "
    "1])",
    "a number of threads that is none": "start(); say(['return', [['threads', 'x']], 1])",
    "awaits what isn't lent": "start(); say(['call', [], ['begin', 2]])",
    "a file by a name with a zero": "start(); say(['return', [['file', 'a' + chr(0), '00']], 1])",
    "a changed dict that isn't one": "start(); say(['return', [], ['t', ['new', 1, 'l'], 1]]); "
    "say(['return', [['changed', 1, ['new', 1, 'l']]], 1])",
    "asks without end": "start()\n"
    "for n in range(5000): say(['call', [], ['input', 'x']])",
    "prints without end": "start()\n"
    "for n in range(300): say(['call', [['out', 'x' * 1000]], ['stdin', 'read', 1]]); hear()",
}


# These go through a whole session as well.
WHOLE = ("nothing", "closes", "endless depth", "skips", "exits", "interrupts", "asks for nothing "
         "known")


def ask(sent: bytes, folder: str) -> list[bytes]:
    """Have a judge's end ask for a module and more of a program that has sent all this already."""
    ours, theirs = socket.socketpair()
    said: list[bytes] = []
    with ours, theirs:
        writer = threading.Thread(target=_write, args=(theirs, sent))
        writer.start()
        reader = threading.Thread(target=_drain, args=(theirs,))
        reader.start()
        link = JudgeEnd(local_judge.channel(ours, 10), said.append, lambda path: False, Files(folder))
        proxies.bind(link)
        for _ in range(20):
            try:
                got = link.request("import", "main", "", False)
                use(got)
            except Broken:
                break
            except BaseException:
                continue
        else:
            said.append(b"went on")
        ours.shutdown(socket.SHUT_RDWR)
        writer.join()
        reader.join()
    return said


def use(value: Any) -> None:
    """What a test might do with it."""
    for each in value if type(value) is tuple else (value,):
        questions: tuple[Any, ...] = (
            repr, len, list, hash, lambda x: x == 1, lambda x: x.f(), lambda x: x())
        for question in questions:
            try:
                question(each)
            except Exception:
                continue


def _write(end: socket.socket, sent: bytes) -> None:
    try:
        end.sendall(sent)
        end.shutdown(socket.SHUT_WR)
    except OSError:
        return


def _drain(end: socket.socket) -> None:
    try:
        while end.recv(65536):
            pass
    except OSError:
        return


class ProtocolTest(unittest.TestCase):
    def test_no_subject_gets_a_pass(self) -> None:
        for name in WHOLE:
            with self.subTest(name):
                got = local_judge.run({}, {"test_main.py": TEST}, 60,
                                      (sys.executable, "-I", "-c", PREFIX + SUBJECTS[name]))
                self.assertFalse(got.passed() and got.carried(), got)
                # It came to its end by itself.
                self.assertTrue(any(line.startswith("finished") for line in got.report), got)

    def test_what_breaks_the_rules_ends_the_run(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name, body in SUBJECTS.items():
                if body.startswith("start(); "):
                    with self.subTest(name):
                        said = ask(recorded(body), folder)
                        self.assertTrue(said and said[0].startswith(b"not_carried"), said)
                        self.assertEqual(os.listdir(folder), [])


def recorded(body: str) -> bytes:
    """All that a subject would send after its greeting."""
    parts: list[bytes] = []
    script = PREFIX.replace("channel = socket.socket(fileno=4)", "").replace(
        "channel.sendall(", "SENT(")
    space: dict[str, Any] = {"SENT": parts.append}
    exec(script + "\ndef start(): pass\nclass channel:\n    sendall = SENT\n"
         "    shutdown = lambda how: None\n" + body, space)
    return b"".join(parts)


CHEATS = {
    "equal to everything": "class A:\n def __eq__(s, o): return True\n def __hash__(s): return 0\n"
    "def f(x): return A()",
    "unequal to nothing": "class A:\n def __ne__(s, o): return False\n def __eq__(s, o): return 1\n"
    "def f(x): return A()",
    "an int equal to all": "class A(int):\n def __eq__(s, o): return True\n"
    " def __hash__(s): return 0\ndef f(x): return A(3)",
    "a text that contains all": "class A(str):\n def __contains__(s, o): return True\n"
    " def __eq__(s, o): return True\n __hash__ = str.__hash__\ndef f(x): return A('x')",
    "a list equal to all": "class A(list):\n def __eq__(s, o): return True\ndef f(x): return A()",
    "exits at once": "import os\nos._exit(0)",
    "exits when called": "import os\ndef f(x): os._exit(0)",
    "says exit": "import sys\ndef f(x): sys.exit(0)",
    "exits on import": "import sys\nsys.exit(0)",
    "skips": "import unittest\ndef f(x): raise unittest.SkipTest('x')",
    "skips as pytest does": "import pytest\ndef f(x): pytest.skip('x')",
    "skips on import": "import pytest\npytest.skip('x', allow_module_level=True)",
    "leaves pytest": "import pytest\ndef f(x): pytest.exit('done', 0)",
    "swaps the harness": "import sys\nfor name, m in list(sys.modules.items()):\n"
    "    if 'isolated' in name:\n        for k in list(vars(m)):\n"
    "            if k.startswith('enc'): setattr(m, k, lambda *a: True)\ndef f(x): return 0",
    "reports by itself": "import os\nfor d in (3, 4, 5):\n    try: os.write(d, b'passed test_main"
    ".py::test_it')\n    except OSError: pass\ndef f(x): return 0",
    "a test file of its own": "open('test_main.py', 'w').write('def test_it(): pass')\n"
    "def f(x): return 0",
    "a conftest": "open('conftest.py', 'w').write('collect_ignore = [\"test_main.py\"]')\n"
    "def f(x): return 0",
    "walks up the frames": "import sys\ndef f(x):\n    frame = sys._getframe()\n    while frame:\n"
    "        if 'expected' in frame.f_locals: return frame.f_locals['expected']\n"
    "        frame = frame.f_back\n    return 0",
    "searches all objects": "import gc\ndef f(x):\n    return next((o for o in gc.get_objects() if"
    " o == 9123), 0)",
    "stars over a name": "__all__ = ['f', 'assert_equal', 'abs', 'isinstance', 'helper']\n"
    "def f(x): return 0\nassert_equal = abs = isinstance = pytest = helper = lambda *a: True",
    "a thread that sends": "import os, threading, time\ndef spin():\n    while True:\n        try: "
    "os.write(4, b'\\0\\0\\0\\x0f[\"return\",[],9]')\n        except OSError: return\n"
    "threading.Thread(target=spin, daemon=True).start()\ndef f(x): return 0",
    "answers what it was last asked": "class A:\n def __contains__(s, o): return True\n"
    " def __sub__(s, o): return 0\n __rsub__ = __sub__\n def __abs__(s): return 0\n"
    " def __lt__(s, o): return True\n __le__ = __gt__ = __ge__ = __lt__\ndef f(x): return A()",
    "a class that is a function": "class f:\n def __init__(s, x): pass\n"
    " def __contains__(s, o): return True\n def __eq__(s, o): return True\n __hash__ = None",
    "a dataclass equal to all": "import dataclasses\n@dataclasses.dataclass\nclass R:\n x: int\n"
    " def __eq__(s, o): return True\ndef f(x): return R(x)",
    "a dataclass that remembers": "import dataclasses\nlast = [0]\n@dataclasses.dataclass\n"
    "class R:\n x: int\n def __getattribute__(s, n):\n  d = object.__getattribute__(s, '__dict__')"
    "\n  last[0] = max(last[0], d['x'])\n  return last[0] if n == 'x' else "
    "object.__getattribute__(s, n)\ndef f(x): return R(x)",
    "a context that swallows": "class A:\n def __enter__(s): return 0\n"
    " def __exit__(s, *a): return True\n async def __aenter__(s): return 0\n"
    " async def __aexit__(s, *a): return True\ndef f(x): return A()",
    "ends every loop": "def f(x): raise StopIteration",
    "ends every task": "import asyncio\ndef f(x): raise asyncio.CancelledError\n"
    "async def later(x): raise asyncio.CancelledError",
    "an error equal to all": "class E(type):\n def __eq__(s, o): return True\n"
    " __hash__ = type.__hash__\n def __instancecheck__(s, o): return True\n"
    "class Wrong(Exception, metaclass=E):\n"
    " def __eq__(s, o): return True\n __hash__ = None\ndef f(x): return Wrong(1)",
    "reflected operators": "class A:\n def __eq__(s, o): return True\n __hash__ = None\n"
    " def __radd__(s, o): return o\n def __rsub__(s, o): return 0\n"
    " def __rmul__(s, o): return o\n def __rmod__(s, o): return ''\n"
    " def __gt__(s, o): return True\n"
    " def __lt__(s, o): return True\ndef f(x): return A()",
    "a dict equal to all": "class A(dict):\n def __eq__(s, o): return True\n"
    " def __getitem__(s, k): return k\n def __contains__(s, k): return True\ndef f(x): return A()",
    "a float that is no number and all": "class A(float):\n def __eq__(s, o): return True\n"
    " __hash__ = float.__hash__\ndef f(x): return A('nan')",
    "a set that has everything": "class A(set):\n def __contains__(s, o): return True\n"
    " def __eq__(s, o): return True\n def __iter__(s):\n  return iter([1, 2])\n"
    "def f(x): return A()",
    "a length that lies": "class A:\n def __len__(s): return 9123\n def __eq__(s, o): return True\n"
    " __hash__ = None\n def __iter__(s): return iter(())\ndef f(x): return A()",
    "a list that is other at every look": "import itertools\nclass A(list):\n"
    " count = itertools.count()\n def __iter__(s): return iter(range(next(s.count), 9000))\n"
    " def __len__(s): return 1\n def __eq__(s, o): return True\ndef f(x): return A()",
    "an empty array": "import numpy\ndef f(x): return numpy.array([])",
    "an array of records": "import numpy\ndef f(x): return numpy.zeros(1, 'i4,i4')",
    "a generator that never tells": "def f(x):\n while True:\n  yield from ()\n  return",
    "a tuple with names and its own equality": "import typing\nclass T(typing.NamedTuple):\n"
    " a: int\n"
    "def eq(s, o): return True\nT.__eq__ = eq\nT.__ne__ = lambda s, o: False\n"
    "def f(x): return T(1)",
    "a frozen class that remembers": "import dataclasses\nseen = [0]\n"
    "@dataclasses.dataclass(frozen=True)\nclass R:\n x: int\n def __getattribute__(s, n):\n"
    "  d = object.__getattribute__(s, '__dict__')\n  seen.append(d['x'])\n"
    "  return max(seen) if n == 'x' else object.__getattribute__(s, n)\ndef f(x): return R(x)",
    "membership without a list": "class A:\n def __contains__(s, o): return True\n"
    " def __iter__(s): return s\n def __next__(s): return 9123\ndef f(x): return A()",
    "members that it was asked for": "class A:\n asked = []\n def __contains__(s, o):\n"
    "  s.asked.append(o)\n  return True\n def __iter__(s): return iter(s.asked)\n"
    "def f(x): return A()",
    "a file that changes while it is read": "import os, tempfile, threading, time\ndef spin():\n"
    " n = 0\n while True:\n  n += 1\n  open(tempfile.gettempdir() + '/n', 'w').write(str(n))\n"
    "threading.Thread(target=spin, daemon=True).start()\ndef f(x): return 0",
    "a link out of the folder": "import os, tempfile\ntry: os.symlink('/etc/passwd', "
    "tempfile.gettempdir() + '/test_main.py')\nexcept OSError: pass\ndef f(x): return 0",
    "calls back after its end": "import threading, time\nkept = []\ndef f(x): return 0\n"
    "def keep(g): kept.append(g)\ndef spin():\n while True:\n  for g in kept:\n   try: g(9123)\n"
    "   except BaseException: pass\n  time.sleep(.001)\n"
    "threading.Thread(target=spin, daemon=True).start()",
    "a patched harness": "import subprocess, time, os, socket\nsocket.socket.recv = None\n"
    "time.sleep = time.monotonic = os.chdir = lambda *a: True\ndef f(x): return 0",
    "logs what the test looks for": "import logging\ndef f(x):\n"
    " logging.getLogger('test').error('9123')\n return 0",
    "text of its own class": "class A(str):\n def __eq__(s, o): return True\n"
    " __hash__ = str.__hash__\n def split(s): return [9123]\n def __int__(s): return 1\n"
    "def f(x): return A('1')",
    "a class that looks like a function": "import types\nclass A:\n"
    " __class__ = types.FunctionType\n"
    " def __eq__(s, o): return True\n __hash__ = None\ndef f(x): return A()",
    "numbers beyond all bounds": "def f(x): return 10 ** 100000",
    "a property named class": "class A:\n @property\n def __class__(s): return int\n"
    " def __eq__(s, o): return True\ndef f(x): return A()",
}
CHEATED = """
import asyncio, contextlib, math
def helper(a, b): return a == b
def assert_equal(a, b): assert a == b
from main import *
from main import f
import pytest, unittest
def test_it():
    expected = 9000 + 123
    assert_equal(f(3), expected)
    assert helper(f(3), expected)
def test_about(): assert f(3) == pytest.approx(9123)
def test_within(): assert 9123 in f(3)
def test_close(): assert math.isclose(f(3), 9123)
def test_dataclass():
    import main
    assert f(3) == getattr(main, "R", int)(9123)
def test_dataclass_before():
    import main
    expected = getattr(main, "R", int)(9123)
    assert f(3) == expected
def test_map():
    for found, expected in zip(map(f, [3, 3]), [9123, 9123]):
        assert found == expected
def test_tasks():
    async def check():
        found = f(3)
        assert found == 9123
    async def inside():
        async with asyncio.TaskGroup() as group:
            group.create_task(check())
    asyncio.run(inside())
def test_members_again(): assert 9123 in (f(3) if hasattr(f(3), "__contains__") else [f(3)])
def test_with():
    found = f(3)
    with (found if hasattr(found, "__enter__") else contextlib.nullcontext(found)) as got:
        assert got == 9123
def test_async_with():
    async def inside():
        found = f(3)
        async with (found if hasattr(found, "__aenter__") else contextlib.AsyncExitStack()):
            assert found == 9123
    asyncio.run(inside())
class T(unittest.TestCase):
    def test_equal(self): self.assertEqual(f(3), 9123)
    def test_almost(self): self.assertAlmostEqual(f(3), 9123)
    def test_in(self): self.assertIn(9123, f(3))
    def test_instance(self): self.assertIs(type(f(3)), int); self.assertEqual(f(3), 9123)
    def test_less(self): self.assertTrue(9122 < f(3) < 9124)
    def test_counts(self): self.assertCountEqual([f(3)], [9123])
    def test_dict(self): self.assertEqual({9123: 1}[f(3)], 1)
"""


class CheatsTest(unittest.TestCase):
    def test_no_cheat_passes_a_test_from_outside(self) -> None:
        for name, program in CHEATS.items():
            with self.subTest(name):
                got = local_judge.run({"main.py": program}, {"test_main.py": CHEATED}, 30)
                # A test counts only if nothing it asked was the program's to decide.
                told = " ".join(got.reasons())
                broken = any("program's end" in reason for reason in got.reasons())
                for test in got.of("passed"):
                    self.assertTrue(broken or test in told, (test, got))
                self.assertFalse(got.passed() and got.carried())
                self.assertTrue(any(line.startswith("finished") for line in got.report), got)

    def test_the_honest_program_passes(self) -> None:
        got = local_judge.run({"main.py": "def f(x): return 9123"}, {
            "test_main.py": "\n".join(line for line in CHEATED.splitlines()
                                      if "within" not in line and "assertIn(" not in line)})
        self.assertTrue(got.passed(), got)


# Each would have a mock say that it was used as it should have been.
MOCKED = """
import asyncio
from unittest.mock import AsyncMock, MagicMock, Mock
import main
def test_saved():
    store = Mock()
    main.save(store)
    store.save.assert_called_once_with(9123)
def test_counted():
    store = AsyncMock()
    main.save(store)
    assert store.await_count == 1
def test_called():
    store = MagicMock()
    main.save(store)
    assert store.save.called
def test_put_into_the_program():
    main.send = Mock()
    main.save(Mock())
    main.send.assert_called_once_with(9123)
def test_put_into_the_program_and_called():
    main.send = Mock()
    main.save(Mock())
    assert main.send.called
def test_in_an_object_of_the_test():
    class Store:
        def __init__(self):
            self.save = Mock()
    store = Store()
    main.save(store)
    store.save.assert_called_once_with(9123)
"""
USED = {
    "an object that asserts nothing": "class A:\n called = True\n"
    " def __getattr__(s, n): return lambda *a: None\ndef save(store): store.save = A()",
    "a class that asserts nothing": "class A:\n called = True\n assert_called_once_with = print\n"
    "def save(store): store.save = A",
    "a function that asserts nothing": "def f(*a): pass\nf.called = True\n"
    "f.assert_called_once_with = f\ndef save(store): store.save = f",
    "a module that asserts nothing": "import main\ncalled = True\n"
    "def assert_called_once_with(*a): pass\ndef save(store): store.save = main",
    "another in its place": "class A:\n called = True\n"
    " def __getattr__(s, n): return lambda *a: None\ndef save(store):\n global send\n"
    " send = A()\n store.save = A()",
    "a count of its own": "def save(store):\n for n in ('await_count', 'call_count', 'called', "
    "'_mock_call_count'):\n  try: setattr(store, n, 1)\n  except AttributeError: pass",
}


class MocksTest(unittest.TestCase):
    def test_no_mock_is_made_to_lie(self) -> None:
        for name, program in USED.items():
            with self.subTest(name):
                got = local_judge.run({"main.py": program}, {"test_main.py": MOCKED}, 30)
                told = " ".join(got.reasons())
                for test in got.of("passed"):
                    self.assertIn(test, told)


class CutOffTest(unittest.TestCase):
    """An answer that ends after any of its bytes, and one that is asked for again."""

    ANSWER = ("say(['return', [klass(1)], ['t', ['o', 1, 1], ['new', 1, 'l', 5]]]); "
              "say(['return', [], 7])")

    def test_a_subject_that_ends_after_each_byte(self) -> None:
        sent = recorded("start(); " + self.ANSWER)
        with tempfile.TemporaryDirectory() as folder:
            for length in range(len(sent)):
                with self.subTest(length):
                    said = ask(sent[:length], folder)
                    self.assertTrue(said and said[0].startswith(b"not_carried"), said)

    def test_objects_that_were_given_back(self) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs, tempfile.TemporaryDirectory() as folder:
            reader = threading.Thread(target=_drain, args=(theirs,))
            reader.start()
            said: list[bytes] = []
            link = JudgeEnd(local_judge.channel(ours, 10), said.append, lambda path: False, Files(folder))
            proxies.bind(link)
            theirs.sendall(recorded("start(); say(['return', [klass(1)], ['o', 1, 1]]); "
                                    "say(['return', [], None]); say(['return', [], ['o', 1]])"))
            held = link.request("import", "main", "", False)
            self.assertEqual(proxies.number(held), 1)
            del held
            self.assertIsNone(link.request("import", "main", "", False))
            with self.assertRaises(Broken):
                link.request("import", "main", "", False)
            ours.shutdown(socket.SHUT_RDWR)
            reader.join()

    def test_a_question_that_is_left_ends_it(self) -> None:
        """Else the next one would be answered with what this one had asked for."""
        ours, theirs = socket.socketpair()
        with ours, theirs, tempfile.TemporaryDirectory() as folder:
            said: list[bytes] = []
            link = JudgeEnd(local_judge.channel(ours, 10), said.append, lambda path: False, Files(folder))
            proxies.bind(link)
            theirs.sendall(recorded("start(); say(['return', [], 1]); say(['return', [], 2])"))
            receive = link.channel.receive

            def interrupted() -> Any:
                raise KeyboardInterrupt
            link.channel.receive = interrupted  # type: ignore[method-assign]
            with self.assertRaises(KeyboardInterrupt):
                link.request("import", "main", "", False)
            link.channel.receive = receive  # type: ignore[method-assign]
            with self.assertRaises(Broken):
                link.request("import", "main", "", False)
            self.assertIn(b"KeyboardInterrupt", said[0])


class FuzzTest(unittest.TestCase):
    SEEDS = 150

    def test_a_judge_is_sent_anything(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(self.SEEDS):
                with self.subTest(seed):
                    said = ask(recorded(FUZZER.format(seed=seed, frames=40)), folder)
                    self.assertTrue(said and said[0].startswith(b"not_carried"), said)
                    self.assertNotIn(b"went on", said)

    def test_a_subject_is_sent_anything(self) -> None:
        for seed in range(self.SEEDS):
            with self.subTest(seed), tempfile.TemporaryDirectory() as folder:
                ours, theirs = socket.socketpair()
                with ours, theirs:
                    writer = threading.Thread(target=_write, args=(
                        theirs, recorded(FUZZER.format(seed=seed, frames=40))))
                    reader = threading.Thread(target=_drain, args=(theirs,))
                    writer.start()
                    reader.start()
                    end = SubjectEnd(local_judge.channel(ours, 10), Files(folder))
                    stubs.bind(end)
                    with self.assertRaises(Broken):
                        for _ in range(100):
                            _, notes, code = end.channel.receive()
                            end.take_notes([note for note in notes if type(note) is list and note
                                            and note[0] not in ("env", "cwd")])
                            end.serve(code)
                    ours.shutdown(socket.SHUT_RDWR)
                    writer.join()
                    reader.join()


FUZZER = """
r = random.Random({seed})
TAGS = ["o", "K", "j", "jc", "nt", "m", "x", "xj", "new", "old", "t", "fs", "i", "b", "c", "dec",
        "fr", "date", "time", "datetime", "td", "tz", "u", "p", "k", "nd", "np", "no", "zone",
        "range", "slice", "by", "", "l", "d", "s", "dd"]
OPS = ["call", "get", "set", "op", "stdin", "input", "import", "eq", "__class__", "__init__"]
def value(depth=0):
    if depth > 5 or r.random() < .4:
        return r.choice([None, True, 0, 1, 2, 3, -1, 1 << 70, "", "x", "main", "__class__", "int",
                         float("nan"), "ff", "../x", [], [[]], 1e308])
    return [r.choice(TAGS), *(value(depth + 1) for _ in range(r.randrange(5)))]
def note():
    return r.choice([
        lambda: [r.choice(["changed", "drop", "free", "out", "err", "file", "gone", "folder", "env",
                           "cwd", "class"]), *(value(4) for _ in range(r.randrange(4)))],
        lambda: klass(r.randrange(6), kind=r.choice(["object", "exception", "named", "data",
                      "value", "iterator", "coroutine", "container", "function"]),
                      ops=r.sample(["eq", "call", "iter", "next", "len", "contains"], 3),
                      fields=r.sample(["a", "b", "class", "1", "__init__"], 2),
                      methods=["f"], bases=[value(5)][:r.randrange(2)])])()
start()
say(["return", [klass(100)], ["t", ["m", 1, "main"], ["new", 1, "l"], ["new", 3, "l"]]])
for _ in range({frames}):
    message = [r.choice(["return", "return", "raise", "call"]),
               [note() for _ in range(r.randrange(2))],
               r.choice([value, lambda: [r.choice(OPS), *(value(3) for _ in range(4))]])()]
    try:
        body = json.dumps(message).encode()
        if r.random() < .05:
            body = bytes(r.choices(range(256), k=20)) + body[r.randrange(len(body)):]
        frame(body)
    except OSError:
        break
channel.shutdown(socket.SHUT_WR)
"""


if __name__ == "__main__":
    unittest.main()
