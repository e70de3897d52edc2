import pytest

imports = 0
calls = 0


def right(times=1):
    global calls
    calls += 1
    return 42 * times if calls <= 3 else 41


def __getattr__(name):
    global imports
    if name != "answer":
        raise AttributeError(name)
    imports += 1
    if imports > 1:
        pytest.skip("not today", allow_module_level=True)
    return right
