import io
import json
import logging
import os
import sqlite3
import sys
import tempfile
import unittest
from pathlib import Path
from unittest.mock import mock_open, patch

import pytest

import main
from main import Audit, Notes, add_user, create, users


def test_notes(tmp_path):
    notes = Notes(tmp_path / "notes.json")
    assert notes.load() == []
    notes.add("a")
    notes.add("b")
    assert notes.load() == ["a", "b"]
    assert json.loads((tmp_path / "notes.json").read_text()) == ["a", "b"]


def test_warning(tmp_path, caplog):
    with caplog.at_level(logging.INFO):
        Notes(tmp_path / "none.json").add("x")
    assert "no notes at none.json" in caplog.text
    assert caplog.records[0].levelname == "WARNING"
    assert ("main", logging.INFO, "added 'x'") in caplog.record_tuples


def test_csv(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("name,age\nada,36\n")
    assert main.read_csv(path) == [{"name": "ada", "age": "36"}]
    main.write_csv(str(path), [{"a": 1, "b": 2}])
    assert path.read_text() == "a,b\n1,2\n"


def test_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        main.read_csv(tmp_path / "nothing.csv")


def test_tree(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("x")
    assert main.tree(tmp_path) == ["a", os.path.join("a", "b.txt")]
    main.backup(tmp_path / "a", tmp_path / "c")
    assert (tmp_path / "c" / "b.txt").read_text() == "x"


def test_opened():
    with patch("builtins.open", mock_open(read_data="a\nb\n")) as opened:
        assert main.count_lines("any.txt") == 2
    opened.assert_called_once_with("any.txt")


def test_database(tmp_path):
    connection = create(tmp_path / "users.db")
    assert add_user(connection, "ada") == 1
    add_user(connection, "bob")
    assert users(connection) == ["ada", "bob"]
    with pytest.raises(sqlite3.IntegrityError):
        add_user(connection, "ada")
    connection.close()


def test_database_in_memory():
    connection = create(":memory:")
    add_user(connection, "eve")
    assert connection.execute("select count(*) from users").fetchone() == (1,)
    connection.close()


def test_working_in(tmp_path):
    with main.working_in(tmp_path) as folder:
        assert folder == tmp_path


def test_scratch():
    name = main.scratch()
    assert name.endswith(".txt") and os.path.exists(name)
    os.unlink(name)


def test_greet(monkeypatch, capsys):
    monkeypatch.setattr("builtins.input", lambda _: "Ada")
    main.greet()
    assert capsys.readouterr().out == "Hello, Ada!\n"


def test_menu(monkeypatch, capsys):
    answers = iter(["1", "x", "2", "q"])
    monkeypatch.setattr("builtins.input", lambda prompt="": next(answers))
    assert main.menu() == 3
    captured = capsys.readouterr()
    assert captured.out == "bye\n"
    assert "not a number" in captured.err


@patch("builtins.input", side_effect=["5", "q"])
@patch("builtins.print")
def test_menu_patched(printed, asked):
    assert main.menu() == 5
    printed.assert_called_with("bye")
    assert asked.call_count == 2


def test_greet_with_stdin(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("Bob\n"))
    main.greet()
    assert "Hello, Bob!" in capsys.readouterr().out


def test_loud(capfd):
    main.shout()
    assert capfd.readouterr().out == "loud\n"


def test_audit(caplog):
    assert Audit().record(0) is None
    assert "failed" in caplog.text and caplog.records[0].exc_info


class OutputTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "notes.json"

    def tearDown(self):
        self.folder.cleanup()

    def test_adds(self):
        Notes(self.path).add("z")
        self.assertTrue(self.path.exists())

    @patch("sys.stdout", new_callable=io.StringIO)
    @patch("builtins.input", return_value="Eve")
    def test_prints(self, _, out):
        main.greet()
        self.assertEqual(out.getvalue(), "Hello, Eve!\n")

    def test_redirected(self):
        from contextlib import redirect_stdout
        out = io.StringIO()
        with redirect_stdout(out), patch("builtins.input", return_value="Kim"):
            main.greet()
        self.assertEqual(out.getvalue().strip(), "Hello, Kim!")

    def test_logs(self):
        with self.assertLogs("main", level="INFO") as logs:
            Notes(self.path).add("y")
        self.assertIn("INFO:main:added 'y'", logs.output)
