import pytest

from main import main, primes, simple_sieve

UP_TO_100 = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83,
             89, 97]


def test_the_primes_up_to_100_are_right():
    assert list(primes(100)) == simple_sieve(100) == UP_TO_100


@pytest.mark.parametrize("limit, count", [
    (0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (10, 4), (1000, 168), (100_000, 9592), (500_000, 41538),
])
def test_the_counts_are_the_known_ones(limit, count):
    assert sum(1 for _ in primes(limit)) == count


@pytest.mark.parametrize("segment", [1, 2, 3, 7, 10, 64, 1000])
def test_the_size_of_a_segment_changes_nothing(segment):
    assert list(primes(1000, segment)) == simple_sieve(1000)


@pytest.mark.parametrize("limit", [4, 9, 25, 49, 121, 169, 65536, 65537, 65538, 66049])
def test_limits_next_to_squares_and_segments_are_right(limit):
    for near in (limit - 1, limit, limit + 1):
        assert list(primes(near)) == simple_sieve(near)


def test_the_command_prints_and_refuses(capsys):
    assert main(["30"]) == 0
    assert capsys.readouterr().out == "10 primes up to 30\n2 3 5 7 11 13 17 19 23 29\n"
    for wrong in ("-1", "ten", "1e3", "100000001", ""):
        assert main([wrong]) == 2
