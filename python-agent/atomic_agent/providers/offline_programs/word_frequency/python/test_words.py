import io
import sys

import pytest

from main import count, main, most_frequent, words_of


@pytest.mark.parametrize("text, words", [
    ("The cat, the CAT!", ["the", "cat", "the", "cat"]),
    ("don't don\u2019t", ["don't", "don't"]),
    ("well-known -- dash- -x", ["well-known", "dash", "x"]),
    ("Straße STRASSE", ["strasse", "strasse"]),
    ("caf\u00e9 cafe\u0301", ["caf\u00e9", "caf\u00e9"]),
    ("42 h2o 3rd", ["h2o", "3rd"]),
    ("snake_case", ["snake", "case"]),
    ("Привет, мир 日本語", ["привет", "мир", "日本語"]),
    ("", []), ("... !?", []),
])
def test_words_are_found_in_any_language(text, words):
    assert words_of(text) == words


def test_words_are_counted_over_all_lines():
    assert count(["a b a\n", "A c\n"]) == {"a": 3, "b": 1, "c": 1}


def test_short_and_ignored_words_are_left_out():
    assert count(["The cat saw the mouse"], min_length=4, ignore=["MOUSE"]) == {}
    assert count(["The cat saw the mouse"], ignore=["the"]) == {"cat": 1, "saw": 1, "mouse": 1}


def test_the_most_frequent_come_first_and_equals_by_the_alphabet():
    counts = count(["b b a a c"])
    assert most_frequent(counts, 2) == [("a", 2), ("b", 2)]


def test_the_command_prints_shares_and_totals(tmp_path, capsys):
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("one two two\n", encoding="utf-8")
    second.write_bytes(b"two \xff three\n")
    assert main([str(first), str(second), "--top", "1"]) == 0
    assert capsys.readouterr().out == "two       3   60.0 %\n5 words, 3 different\n"


def test_standard_input_is_read_and_a_missing_file_is_named(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert main([]) == 0
    assert capsys.readouterr().out == "0 words, 0 different\n"
    assert main(["missing.txt"]) == 2
    assert "missing.txt" in capsys.readouterr().err


def test_a_wrong_option_is_refused():
    with pytest.raises(SystemExit):
        main(["--top", "0"])
