import csv
import json
import logging
import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

logger = logging.getLogger(__name__)


class Notes:
    def __init__(self, path):
        self.path = Path(path)

    def load(self):
        if not self.path.exists():
            logger.warning("no notes at %s", self.path.name)
            return []
        return json.loads(self.path.read_text())

    def add(self, text):
        notes = self.load()
        notes.append(text)
        self.path.write_text(json.dumps(notes))
        logger.info("added %r", text)


def read_csv(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def write_csv(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*"))


def backup(source, target):
    shutil.copytree(source, target)


def count_lines(path):
    with open(path) as file:
        return sum(1 for _ in file)


def create(database):
    connection = sqlite3.connect(database)
    connection.execute("create table if not exists users(id integer primary key, name text unique)")
    return connection


def add_user(connection, name):
    cursor = connection.execute("insert into users(name) values (?)", (name,))
    connection.commit()
    return cursor.lastrowid


def users(connection):
    return [row[0] for row in connection.execute("select name from users order by id")]


@contextmanager
def working_in(folder):
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield Path(folder)
    finally:
        os.chdir(before)


def scratch():
    handle, name = tempfile.mkstemp(suffix=".txt")
    os.close(handle)
    return name


def greet():
    name = input("Name: ")
    print(f"Hello, {name}!")


def menu():
    total = 0
    while True:
        choice = input("> ")
        if choice == "q":
            print("bye")
            return total
        try:
            total += int(choice)
        except ValueError:
            print("not a number", file=sys.stderr)


def shout():
    os.write(1, b"loud\n")


class Audit:
    def __init__(self):
        self.log = logging.getLogger("audit")

    def record(self, what):
        try:
            return 1 / what
        except ZeroDivisionError:
            self.log.exception("failed")
            return None
