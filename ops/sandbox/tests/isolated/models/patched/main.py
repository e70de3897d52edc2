import json
import os
import urllib.request
from dataclasses import dataclass

API = "https://api.example.com"
DEBUG = False
_cache = {}


@dataclass
class User:
    name: str
    email: str = ""


class Database:
    def find(self, key):
        raise RuntimeError("no database")


class Mailer:
    def send(self, to, text):
        raise RuntimeError("no mail")


class Service:
    def __init__(self, database=None, mailer=None):
        self.database = database or Database()
        self.mailer = mailer or Mailer()

    def register(self, name):
        if self.database.find(name) is not None:
            raise ValueError(f"{name} is taken")
        user = User(name, f"{name}@example.com")
        self.mailer.send(user.email, f"Welcome, {name}")
        return user


def fetch(path):
    with urllib.request.urlopen(f"{API}/{path}") as response:
        return json.loads(response.read())


def weather(city):
    if city not in _cache:
        _cache[city] = fetch(f"weather/{city}")
    return _cache[city]["temperature"]


def helper(n):
    return n * 2


def compute(n):
    return helper(n) + (1 if DEBUG else 0)


def listing(path):
    return sorted(name for name in os.listdir(path) if not name.startswith("."))


def exists(path):
    return os.path.exists(path)


def apply(function, *args, **named):
    return function(*args, **named)
