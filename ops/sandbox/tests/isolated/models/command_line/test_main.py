import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import main as program
from main import main, summarise

SCRIPT = Path(program.__file__)


def run_cli(*args, input=None):
    return subprocess.run([sys.executable, str(SCRIPT), *args], input=input, capture_output=True, text=True)


def test_run():
    result = run_cli("1", "2", "3")
    assert result.returncode == 0
    assert "count: 3" in result.stdout
    assert result.stderr == ""


def test_run_by_name():
    result = subprocess.run([sys.executable, "main.py", "--json", "4"], capture_output=True, text=True, timeout=10)
    assert json.loads(result.stdout) == {"count": 1, "total": 4.0, "mean": 4.0}


def test_run_in_folder(tmp_path):
    result = subprocess.run([sys.executable, str(SCRIPT)], cwd=tmp_path, input=b"1\n2\n", stdout=subprocess.PIPE)
    assert b"total: 3.0" in result.stdout


def test_check_output():
    out = subprocess.check_output([sys.executable, "main.py", "5"], stderr=subprocess.STDOUT)
    assert out.decode().splitlines()[0] == "count: 1"


def test_communicate():
    process = subprocess.Popen([sys.executable, "main.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    out, err = process.communicate("1\n2\n3\n")
    assert process.returncode == 0
    assert "mean: 2.0" in out
    assert err == ""


def test_communicate_in_a_with():
    with subprocess.Popen([sys.executable, "main.py", "7"], stdout=subprocess.PIPE) as process:
        out, _ = process.communicate(timeout=10)
    assert process.poll() == 0 and out.startswith(b"count: 1")


def test_fails():
    result = run_cli(input="")
    assert result.returncode == 2
    assert "no numbers" in result.stderr


def test_check_raises():
    with pytest.raises(subprocess.CalledProcessError) as error:
        subprocess.run([sys.executable, "main.py", "x"], check=True, capture_output=True)
    assert error.value.returncode == 2


def test_environment_is_passed():
    env = dict(os.environ, PYTHONIOENCODING="utf-8")
    result = subprocess.run([sys.executable, "main.py", "1"], env=env, capture_output=True, encoding="utf-8")
    assert result.returncode == 0


def test_main_prints(capsys):
    assert main(["1", "2"]) == 0
    assert "total: 3.0" in capsys.readouterr().out


def test_main_with_argv(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["main.py", "3", "--json"])
    assert main() == 0
    assert json.loads(capsys.readouterr().out)["mean"] == 3.0


def test_bad_usage(capsys):
    with pytest.raises(SystemExit) as error:
        main(["--nope"])
    assert error.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_file_as_stdin(tmp_path):
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("1\n2\n")
    with open(numbers) as file:
        result = subprocess.run([sys.executable, str(SCRIPT)], stdin=file, capture_output=True, text=True)
    assert "count: 2" in result.stdout


def test_summarise():
    assert summarise([1, 2]) == {"count": 2, "total": 3, "mean": 1.5}
