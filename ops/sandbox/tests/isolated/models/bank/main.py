import contextlib
import datetime as dt
import enum
import functools
import itertools
import logging
import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Callable, Generic, Protocol, TypedDict, TypeVar

T = TypeVar("T")
log = logging.getLogger("bank")


class InsufficientFunds(Exception):
    def __init__(self, needed, available):
        super().__init__(f"need {needed}, have {available}")
        self.needed = needed
        self.available = available


class Kind(str, enum.Enum):
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"


@dataclass
class Transaction:
    kind: Kind
    amount: Decimal
    at: dt.datetime = field(default_factory=dt.datetime.now)
    tags: list = field(default_factory=list)


class Account:
    _ids = itertools.count(1)
    interest = 0.01

    def __init__(self, owner, balance=0):
        if not isinstance(owner, str) or not owner.strip():
            raise TypeError("owner must be a name")
        self.id = next(self._ids)
        self.owner = owner
        self._balance = Decimal(balance)
        self.transactions = []
        self._lock = threading.Lock()

    @property
    def balance(self):
        return self._balance

    @balance.setter
    def balance(self, value):
        raise AttributeError("use deposit and withdraw")

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("Deposit amount must be positive")
        with self._lock:
            self._balance += Decimal(str(amount))
            self.transactions.append(Transaction(Kind.DEPOSIT, Decimal(str(amount))))
        return self.balance

    def withdraw(self, amount):
        if amount > self._balance:
            raise InsufficientFunds(amount, self._balance)
        self._balance -= Decimal(str(amount))
        self.transactions.append(Transaction(Kind.WITHDRAWAL, Decimal(str(amount))))

    def transfer(self, other, amount):
        self.withdraw(amount)
        other.deposit(amount)

    def __repr__(self):
        return f"Account(owner={self.owner!r}, balance={self._balance})"


class Savings(Account):
    interest = 0.05

    def add_interest(self):
        return self.deposit(self.balance * Decimal(str(self.interest)))


class Row(TypedDict):
    owner: str
    balance: float


class Notifier(Protocol):
    def notify(self, text: str) -> None: ...


def report(accounts) -> list[Row]:
    return [{"owner": a.owner, "balance": float(a.balance)} for a in accounts]


def warn_if_low(account, notifier: Notifier, limit=10):
    if account.balance < limit:
        log.warning("low balance for %s", account.owner)
        notifier.notify(f"{account.owner}: {account.balance}")
        return True
    return False


class Stack(Generic[T]):
    def __init__(self):
        self.items: deque[T] = deque()

    def push(self, item: T) -> "Stack[T]":
        self.items.append(item)
        return self

    def pop(self) -> T:
        if not self.items:
            raise IndexError("empty")
        return self.items.pop()

    def peek(self):
        return self.items[-1] if self.items else None

    def __len__(self):
        return len(self.items)


def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return function(*args, **kwargs)
    wrapper.calls = 0
    return wrapper


@timed
def add(a: int, b: int = 2, *, scale: float = 1.0) -> float:
    """Add two numbers."""
    return (a + b) * scale


@functools.singledispatch
def describe(value):
    return "something"


@describe.register(int)
def _(value):
    return f"int {value}"


@describe.register(list)
def _(value):
    return f"list of {len(value)}"


class Events:
    def __init__(self):
        self._handlers = {}

    def on(self, name):
        def register(function):
            self._handlers.setdefault(name, []).append(function)
            return function
        return register

    def emit(self, name, *args, **kwargs):
        return [handler(*args, **kwargs) for handler in self._handlers.get(name, [])]


@contextlib.contextmanager
def transaction(account):
    before = account._balance
    try:
        yield account
    except Exception:
        account._balance = before
        raise


class Singleton:
    _instance = None

    def __new__(cls):
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance


class Celsius:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner):
        return self if instance is None else getattr(instance, self.name)

    def __set__(self, instance, value):
        if value < -273.15:
            raise ValueError("below absolute zero")
        setattr(instance, self.name, value)


class Room:
    temperature = Celsius()

    def __init__(self, temperature):
        self.temperature = temperature


def words(text):
    return Counter(text.lower().split())


def chunks(items, size):
    for start in range(0, len(items), size):
        yield items[start:start + size]


def flatten(nested):
    for each in nested:
        if isinstance(each, (list, tuple)):
            yield from flatten(each)
        else:
            yield each


def pipeline(*steps: Callable):
    return lambda value: functools.reduce(lambda found, step: step(found), steps, value)


def averager():
    total, count, average = 0, 0, None
    while True:
        value = yield average
        total, count = total + value, count + 1
        average = total / count


class Graph:
    def __init__(self):
        self.edges = {}

    def add(self, a, b, weight=1):
        self.edges.setdefault(a, {})[b] = weight
        self.edges.setdefault(b, {})

    def neighbours(self, node):
        return set(self.edges[node])

    def shortest(self, start, end):
        seen, waiting = {start}, deque([[start]])
        while waiting:
            path = waiting.popleft()
            if path[-1] == end:
                return path
            for node in sorted(self.edges[path[-1]]):
                if node not in seen:
                    seen.add(node)
                    waiting.append([*path, node])
        return None
