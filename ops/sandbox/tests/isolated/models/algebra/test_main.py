import unittest
from fractions import Fraction

import pytest

from main import (Countdown, Matrix, Node, Vector, average, compose, evaluate, fibonacci, inorder, insert,
                  memoise)


def test_vector():
    total = Vector(1, 2) + Vector(3, 4)
    assert (total.x, total.y) == (4, 6)
    assert list(2 * Vector(1, 2)) == [2, 4]
    assert abs(Vector(3, 4)) == 5
    assert repr(-Vector(1, 1)) == "Vector(-1, -1)"
    assert tuple(Vector(1, 2) * 3) == (3, 6)


def test_slots():
    with pytest.raises(AttributeError):
        Vector(1, 2).z = 3


def test_matrix():
    product = Matrix([[1, 2], [3, 4]]) @ Matrix([[1, 0], [0, 1]])
    assert product.rows == [[1, 2], [3, 4]]
    assert product[1][0] == 3


def test_tree():
    root = None
    for value in (3, 1, 2):
        root = insert(root, value)
    assert inorder(root) == [1, 2, 3]
    assert root.left.right.value == 2 and root.right is None


def test_tree_of_the_test():
    assert inorder(Node(2, Node(1), Node(3))) == [1, 2, 3]


def test_fibonacci():
    assert fibonacci(50) == 12586269025
    assert fibonacci.cache_info().hits > 0
    fibonacci.cache_clear()


def test_memoise():
    calls = []

    @memoise
    def square(n):
        calls.append(n)
        return n * n

    assert square(3) == 9 and square(3) == 9
    assert calls == [3]
    assert square.__name__ == "square"
    assert square.cache == {(3,): 9}


@pytest.mark.parametrize("text, expected", [("1 + 2", 3), ("2 * (3 + 4)", 14), ("10 / 4", 2.5)])
def test_evaluate(text, expected):
    assert evaluate(text) == expected


def test_evaluate_refuses():
    with pytest.raises(ValueError, match="bad expression"):
        evaluate("__import__('os')")
    with pytest.raises(ZeroDivisionError):
        evaluate("1 / 0")


def test_average():
    assert average([1, 2]) == Fraction(3, 2)


def test_compose():
    assert compose(lambda x: x + 1, lambda x: x * 2)(5) == 11
    assert compose(str, abs)(-3) == "3"


def test_countdown():
    assert list(Countdown(3)) == [2, 1, 0]
    assert sum(Countdown(4)) == 6


class EvaluateTests(unittest.TestCase):
    def test_many(self):
        for text, expected in {"1": 1, "2 - 3": -1}.items():
            with self.subTest(text=text):
                self.assertEqual(evaluate(text), expected)

    def test_almost(self):
        self.assertAlmostEqual(evaluate("0.1 + 0.2"), 0.3)
        self.assertAlmostEqual(abs(Vector(1, 1)), 1.41421356, places=5)
