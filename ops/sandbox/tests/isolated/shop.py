"""A program with one of each thing that tests ask programs for."""

import abc
import asyncio
import collections
import contextlib
import dataclasses
import enum
import functools
import json
import os
import pathlib
import random
import subprocess
import sys
import time
import typing
from decimal import Decimal

LIMIT = 3
stock = []
prices = {"tea": {"small": 2}}


class Missing(KeyError):
    def __init__(self, name):
        super().__init__(name)
        self.name = name


class Closed(Exception):
    pass


@dataclasses.dataclass(order=True)
class Item:
    weight: int = 0
    tags: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Quote:
    total: int
    currency: str = "EUR"


class Size(enum.Enum):
    SMALL = 1
    LARGE = 2


class Level(enum.IntEnum):
    LOW = 1


Point = collections.namedtuple("Point", "x y")


class Names(list):
    def longest(self):
        return max(self, key=len)


class Label(str):
    pass


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...

    def twice(self):
        return self.area() * 2


class Money:
    made = 0

    def __init__(self, cents):
        self.cents = cents
        Money.made += 1

    def __add__(self, other):
        return Money(self.cents + other.cents)

    def __eq__(self, other):
        return isinstance(other, Money) and other.cents == self.cents

    def __hash__(self):
        return hash(self.cents)

    def __lt__(self, other):
        return self.cents < other.cents

    def __repr__(self):
        return f"Money({self.cents})"

    @property
    def euros(self):
        return self.cents / 100

    @classmethod
    def parse(cls, text):
        return cls(int(text))

    @staticmethod
    def rate(cents):
        return cents + 1


class Loose:
    """Equal to any number."""

    def __eq__(self, other):
        return True

    def __contains__(self, item):
        return True

    def __sub__(self, other):
        return 0

    __rsub__ = __sub__

    def startswith(self, text):
        return True


class Shelf:
    def __init__(self):
        self.items = {}

    def __len__(self):
        return len(self.items)

    def __getitem__(self, key):
        return self.items[key]

    def __setitem__(self, key, value):
        self.items[key] = value

    def __delitem__(self, key):
        del self.items[key]

    def __iter__(self):
        return iter(self.items)

    def __call__(self, key):
        return self.items.get(key)

    def __enter__(self):
        self.items["open"] = True
        return self

    def __exit__(self, kind, error, trace):
        self.items["open"] = False
        return kind is ValueError


def same(x):
    return x


def loose():
    return Loose()


def quote(total):
    return Quote(total)


def fail(name):
    raise Missing(name)


def chained():
    try:
        int("x")
    except ValueError as error:
        raise Closed("shut") from error


def parse(text):
    return json.loads(text)


def put(item):
    stock.append(item)


def limit():
    return LIMIT


def ask():
    return input("name? ").upper()


def read_all():
    return sys.stdin.read()


def now():
    return time.time()


def dice():
    return random.randint(1, 6)


async def later(x):
    await asyncio.sleep(0)
    return x + 1


async def counting(n):
    for i in range(n):
        yield i


class Session:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        pass


def each(function, items):
    return [function(item) for item in items]


def quietly(function, item):
    try:
        function(item)
    except AssertionError:
        pass


def down(function, n):
    return n if n == 0 else function(n - 1)


def endless(n):
    return endless(n + 1)


def ordered(items):
    items.sort()
    return items


def collect(x, found=[]):
    found.append(x)
    return found


def plus_one(function):
    @functools.wraps(function)
    def wrapped(*args):
        return function(*args) + 1
    return wrapped


@contextlib.contextmanager
def open_shop():
    print("open")
    yield 5
    print("closed")


def basket():
    return {"item": Item(1), "money": [Money(1), Money(2)]}


def typed(a: int, b: "str" = "x", *rest, c=None) -> typing.List[int]:
    return []


def twins():
    x = [1]
    return [x, x]


def ring():
    x = []
    x.append(x)
    return x


def numbers(n):
    yield from range(n)


def failing(n):
    yield from range(n)
    raise Closed


def run_it():
    return subprocess.run(["nothing"])


def setting():
    return os.environ.get("SHOP")


def write(path, text):
    pathlib.Path(path).write_text(text)


def read(path):
    return pathlib.Path(path).read_text()


def save(file):
    file.write("saved\n")


def notify(listener):
    listener.events.append("x")
    return listener.name


def exact(text):
    return Decimal(text)


def warn():
    print("careful", file=sys.stderr)


def leave(code):
    sys.exit(code)


if __name__ == "__main__":
    print("hello", input(), *sys.argv[1:])
    sys.exit(3)
