import pytest


def answer(times=1):
    pytest.xfail("as expected")
