import gzip
import io
import json
import sys

import pytest

from main import Report, main, parse


def line(client="203.0.113.7", time="10/Mar/2025:08:15:02 +0000", request="GET / HTTP/1.1",
         status=200, size="100", rest=' "-" "agent"'):
    return f'{client} - - [{time}] "{request}" {status} {size}{rest}\n'


def report_of(*lines):
    report = Report()
    for one in lines:
        report.add(one)
    return report


def test_a_line_is_read_into_its_parts():
    entry = parse(line(request="POST /a/b?c=d HTTP/1.1", status=201))
    assert (entry.client, entry.method, entry.path) == ("203.0.113.7", "POST", "/a/b")
    assert (entry.status, entry.size, entry.time.hour) == (201, 100, 8)


def test_unusual_but_right_lines_are_read():
    assert parse(line(rest="")).path == "/"
    assert parse(line(client="2001:db8::5", size="-")).size == 0
    assert parse(line(request='GET /a\\"b HTTP/1.1')).path == '/a\\"b'
    assert parse(line(request="\\x16\\x03")).method == "-"
    midnight = parse(line(time="10/Mar/2025:00:30:00 +0200")).time
    assert midnight.isoformat().startswith("2025-03-09T22")


@pytest.mark.parametrize("text", [
    "hello\n", line(status="abc"), line(time="yesterday"), line(time="10/Foo/2025:08:15:02 +0000"),
    line()[:40], '"' * 5000,
])
def test_a_line_that_can_not_be_read_is_counted_and_ends_nothing(text):
    report = report_of(text, line())
    assert (report.unreadable, report.requests) == (1, 1)


def test_empty_lines_are_no_errors():
    assert report_of("\n", "  \n").unreadable == 0


def test_the_report_counts_by_class_path_and_hour():
    summary = report_of(line(), line(request="GET /?a=1 HTTP/1.1"),
                        line(request="GET /b HTTP/1.1", status=301),
                        line(time="10/Mar/2025:23:15:02 +0000", status=404)).summary(10)
    assert summary["by_class"] == {"2xx": 2, "3xx": 1, "4xx": 1}
    assert summary["paths"] == {"/": 3, "/b": 1}
    assert summary["by_hour"] == {"08": 3, "23": 1}
    assert summary["bytes"] == 400


def test_server_errors_are_those_from_500_on():
    summary = report_of(line(status=499), line(status=500, request="GET /bad HTTP/1.1"),
                        line(status=503, request="GET /bad HTTP/1.1"), line()).summary(10)
    assert summary["server_errors"] == {"/bad": 2}
    assert summary["server_error_percent"] == 50.0


def test_the_most_frequent_come_first_and_equals_by_name():
    paths = ["/c", "/b", "/a", "/b"]
    summary = report_of(*(line(request=f"GET {path} HTTP/1.1") for path in paths)).summary(2)
    assert list(summary["paths"].items()) == [("/b", 2), ("/a", 1)]


def test_a_client_is_suspicious_when_most_of_its_requests_are_refused():
    lines = [line("bad", status=404)] * 6 + [line("bad")] * 5
    lines += [line("fine", status=404)] * 6 + [line("fine")] * 6
    lines += [line("few", status=403)] * 4
    assert report_of(*lines).suspicious() == [("bad", 6)]


def test_no_lines_at_all_is_an_empty_report():
    assert report_of().summary(10)["server_error_percent"] == 0.0


def test_files_packed_files_and_standard_input_are_read(tmp_path, capsys, monkeypatch):
    plain, packed = tmp_path / "access.log", tmp_path / "access.log.1.gz"
    plain.write_text(line(), encoding="utf-8")
    packed.write_bytes(gzip.compress(line(status=500).encode()))
    assert main([str(packed), str(plain), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["by_class"] == {"2xx": 1, "5xx": 1}
    monkeypatch.setattr(sys, "stdin", io.StringIO(line() * 3))
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("3 requests of 1 clients")
    assert main([str(tmp_path / "missing.log")]) == 2


def test_control_characters_of_a_client_never_reach_the_terminal(capsys, tmp_path):
    path = tmp_path / "a.log"
    path.write_text(line(request="GET /\x1b[31m HTTP/1.1"), encoding="utf-8")
    main([str(path)])
    assert "\x1b" not in capsys.readouterr().out
