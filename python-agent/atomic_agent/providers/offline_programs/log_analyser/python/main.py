"""Reports on web server access logs."""

import argparse
import gzip
import json
import re
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone

LINE = re.compile(
    r'(?P<client>\S+) \S+ \S+ \[(?P<time>[^\]]+)\] "(?P<request>(?:[^"\\]|\\.)*)" '
    r'(?P<status>\d{3}) (?P<size>\d+|-)(?: "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*")?')
REFUSED = {401, 403, 404}
SUSPICIOUS_REFUSALS = 5


@dataclass(frozen=True)
class Entry:
    client: str
    time: datetime
    method: str
    path: str
    status: int
    size: int


def parse(line):
    """The entry of a line, or None if it isn't one."""
    found = LINE.match(line)
    if not found:
        return None
    try:
        time = datetime.strptime(found["time"], "%d/%b/%Y:%H:%M:%S %z").astimezone(timezone.utc)
    except ValueError:
        return None
    words = found["request"].split(" ")
    method, target = (words[0], words[1]) if len(words) == 3 else ("-", "-")
    size = 0 if found["size"] == "-" else int(found["size"])
    path = target.split("?", 1)[0] or "/"
    return Entry(found["client"], time, method, path, int(found["status"]), size)


@dataclass
class Report:
    requests: int = 0
    unreadable: int = 0
    size: int = 0
    first: datetime | None = None
    last: datetime | None = None
    clients: Counter = field(default_factory=Counter)
    refusals: Counter = field(default_factory=Counter)
    paths: Counter = field(default_factory=Counter)
    classes: Counter = field(default_factory=Counter)
    errors: Counter = field(default_factory=Counter)
    hours: Counter = field(default_factory=Counter)

    def add(self, line):
        entry = parse(line)
        if entry is None:
            self.unreadable += bool(line.strip())
            return
        self.requests += 1
        self.size += entry.size
        self.first = min(self.first or entry.time, entry.time)
        self.last = max(self.last or entry.time, entry.time)
        self.clients[entry.client] += 1
        self.paths[entry.path] += 1
        self.classes[f"{entry.status // 100}xx"] += 1
        self.hours[entry.time.hour] += 1
        if entry.status >= 500:
            self.errors[entry.path] += 1
        if entry.status in REFUSED:
            self.refusals[entry.client] += 1

    def suspicious(self):
        """Clients most of whose requests were refused, the most refused first."""
        found = {client: count for client, count in self.refusals.items()
                 if count >= SUSPICIOUS_REFUSALS and count * 2 > self.clients[client]}
        return ordered(found)

    def summary(self, top):
        """The report as plain values."""
        return {
            "requests": self.requests,
            "unreadable_lines": self.unreadable,
            "clients": len(self.clients),
            "bytes": self.size,
            "first": self.first and self.first.isoformat(),
            "last": self.last and self.last.isoformat(),
            "by_class": dict(sorted(self.classes.items())),
            "server_error_percent": percent(sum(self.errors.values()), self.requests),
            "server_errors": dict(ordered(self.errors)[:top]),
            "paths": dict(ordered(self.paths)[:top]),
            "by_hour": {f"{hour:02}": count for hour, count in sorted(self.hours.items())},
            "suspicious_clients": dict(self.suspicious()[:top]),
        }


def ordered(counts):
    """(name, count) with the highest count first, equal ones by name."""
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def percent(part, whole):
    return round(100 * part / whole, 2) if whole else 0.0


def as_text(summary):
    lines = [f"{summary['requests']} requests of {summary['clients']} clients, "
             f"{summary['bytes']} bytes, {summary['unreadable_lines']} unreadable lines"]
    if summary["first"]:
        lines.append(f"from {summary['first']} to {summary['last']}")
    lines.append(f"server errors: {summary['server_error_percent']} %")
    for title, name in (("answers", "by_class"), ("paths", "paths"),
                        ("server errors", "server_errors"), ("hours (UTC)", "by_hour"),
                        ("suspicious clients", "suspicious_clients")):
        if summary[name]:
            lines += ["", title]
            lines += [f"{count:>8}  {key}" for key, count in summary[name].items()]
    # What a client sent may hold control characters; a terminal must not obey them.
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in "\n".join(lines))


@contextmanager
def opened(name):
    if name == "-":
        yield sys.stdin
        return
    open_it = gzip.open if name.endswith(".gz") else open
    with open_it(name, "rt", encoding="utf-8", errors="replace") as file:
        yield file


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Reports on access logs.")
    parser.add_argument("files", nargs="*", default=["-"], help="logs, also .gz; - is stdin")
    parser.add_argument("--top", type=int, default=10, help="how many of each to show")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    report = Report()
    for name in options.files:
        try:
            with opened(name) as file:
                for line in file:
                    report.add(line)
        except OSError as problem:
            print(f"{name}: {problem.strerror or problem}", file=sys.stderr)
            return 2
    summary = report.summary(options.top)
    print(json.dumps(summary, indent=2) if options.json else as_text(summary))
    return 0


if __name__ == "__main__":
    sys.exit(main())
