import unittest


def answer(times=1):
    raise unittest.SkipTest("not today")
