"""What the caller asks of every program here; each is wrong, and none may be called right."""

import unittest

from main import answer


def test_answer():
    assert answer() == 42


def test_twice():
    assert answer(2) == 84


class AnswerTest(unittest.TestCase):
    def test_thrice(self):
        self.assertEqual(answer(3), 126)
