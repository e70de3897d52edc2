"""A second file of the caller's: what happened while the first was loaded has no say in it."""

from main import answer


def test_twice_again():
    assert answer(2) == 84
