"""Each would pass in one process; from outside it fails, or the run says why it proves less."""

import asyncio
import pickle
import unittest
from fractions import Fraction

import pytest
import shop
from shop import Money


def test_the_program_says_that_it_contains(): assert "yes" in shop.loose()
def test_the_program_says_how_it_begins(): assert shop.loose().startswith("yes")
def test_the_program_says_what_is_left(): assert shop.loose() - 9 == 0
def test_the_program_says_that_they_are_equal(): assert shop.basket()["money"][0] == Money(1)
def test_the_program_says_which_is_less(): assert Money(1) < Money(2)
def test_nearly_as_the_program_says(): unittest.TestCase().assertAlmostEqual(shop.loose(), 7)
def test_about_as_the_program_says(): assert shop.loose() == pytest.approx(7)
def test_a_member_as_the_program_says(): unittest.TestCase().assertIn(3, shop.loose())
def test_awaits_the_test():
    async def mine():
        return 1
    async def both():
        return shop.same(mine())
    assert asyncio.run(asyncio.wait_for(asyncio.ensure_future(both()), 1)) is not None
def test_globals(): assert shop.typed.__globals__ is not None
def test_a_function_of_python_that_is_a_value():
    deep = []
    for _ in range(100):
        deep = [deep]
    assert shop.same(deep) is deep
def test_a_context_swallows():
    with shop.Shelf():
        raise ValueError
def test_text_is_evaluated(): assert eval(shop.same("1 + 1")) == 2
def test_a_pickle_is_read(): assert pickle.loads(shop.same(pickle.dumps(Fraction(1, 2)))) == 0.5
def test_an_assertion_in_a_callback():
    def check(x):
        assert x == 2
    shop.quietly(check, 1)
def test_code_is_written(tmp_path):
    shop.write(tmp_path / "made.py", "x = 1")
    assert (tmp_path / "made.py").exists()
