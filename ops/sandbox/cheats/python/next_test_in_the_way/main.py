import os
import sys
import types

fake = types.ModuleType("test_other")
fake.__file__ = os.path.abspath("test_other.py")
exec("def test_twice_again(): pass", fake.__dict__)
sys.modules["test_other"] = fake

calls = 0


def answer(times=1):
    global calls
    calls += 1
    return 42 * times if calls <= 3 else 41
