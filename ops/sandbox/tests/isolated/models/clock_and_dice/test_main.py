import os
import random
import time
from datetime import datetime
from unittest import mock
from unittest.mock import MagicMock, patch

import pytest

import main
from main import Stopwatch, Token, greeting, here, home, new_id, retry, roll, shuffled


def test_token_expires():
    with patch("time.time", return_value=1000.0):
        token = Token(60)
        assert not token.expired()
    with patch("time.time", return_value=1060.0):
        assert token.expired()


def test_token_expires_with_side_effect():
    with patch("time.time") as clock:
        clock.side_effect = [0.0, 59.0, 61.0]
        token = Token(60)
        assert token.expired() is False
        assert token.expired() is True


@patch("main.time.sleep")
def test_retry_sleeps(sleep):
    function = MagicMock(side_effect=[ValueError, ValueError, "ok"])
    assert retry(function) == "ok"
    assert function.call_count == 3
    assert [call.args[0] for call in sleep.call_args_list] == [1.0, 2.0]


@patch("time.sleep", return_value=None)
def test_retry_gives_up(sleep):
    with pytest.raises(ValueError):
        retry(MagicMock(side_effect=ValueError("x")), times=2)
    assert sleep.call_count == 1


def test_retry_without_delay(monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    calls = []

    def flaky():
        calls.append(1)
        if len(calls) < 3:
            raise ValueError
        return len(calls)

    assert retry(flaky) == 3


def test_seeded_rolls():
    random.seed(42)
    first = roll(10)
    random.seed(42)
    assert roll(10) == first
    assert all(1 <= each <= 6 for each in first)


def test_seed_gives_known_rolls():
    random.seed(1)
    assert roll(3) == [random.Random(1).randint(1, 6), *roll_again()]


def roll_again():
    source = random.Random(1)
    source.randint(1, 6)
    return [source.randint(1, 6) for _ in range(2)]


def test_patched_dice(monkeypatch):
    monkeypatch.setattr(random, "randint", lambda low, high: high)
    assert roll(3) == [6, 6, 6]


def test_patched_shuffle():
    with mock.patch("main.random.shuffle", side_effect=lambda items: items.reverse()):
        assert shuffled([1, 2, 3]) == [3, 2, 1]


def test_stopwatch():
    with patch("time.monotonic", side_effect=[10.0, 12.5]):
        assert Stopwatch().elapsed() == 2.5


def test_greeting():
    with patch("main.when") as clock:
        clock.now.return_value = datetime(2024, 1, 1, 9)
        assert greeting() == "good morning"
        clock.now.return_value = datetime(2024, 1, 1, 19)
        assert greeting() == "good evening"


def test_today():
    with patch("main.datetime") as module:
        module.date.today.return_value.isoformat.return_value = "2024-01-02"
        assert main.today() == "2024-01-02"


def test_id():
    with patch("uuid.uuid4", return_value="fixed"):
        assert new_id() == "fixed"
    assert len(new_id()) == 36


def test_home(monkeypatch):
    monkeypatch.delenv("APP_HOME", raising=False)
    assert home() == "/default"
    monkeypatch.setenv("APP_HOME", "/srv")
    assert home() == "/srv"


@patch.dict(os.environ, {"APP_HOME": "/opt"})
def test_home_patched():
    assert home() == "/opt"


def test_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert here() == str(tmp_path)
