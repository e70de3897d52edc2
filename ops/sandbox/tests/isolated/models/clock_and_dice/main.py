import datetime
import os
import random
import time
import uuid
from datetime import datetime as when


class Token:
    def __init__(self, seconds=60):
        self.expires = time.time() + seconds

    def expired(self):
        return time.time() >= self.expires


class Stopwatch:
    def __init__(self):
        self.started = time.monotonic()

    def elapsed(self):
        return time.monotonic() - self.started


def retry(function, times=3, delay=1.0):
    for attempt in range(times):
        try:
            return function()
        except ValueError:
            if attempt == times - 1:
                raise
            time.sleep(delay * 2 ** attempt)


def roll(count):
    return [random.randint(1, 6) for _ in range(count)]


def shuffled(items):
    found = list(items)
    random.shuffle(found)
    return found


def greeting():
    hour = when.now().hour
    return "good morning" if hour < 12 else "good evening"


def today():
    return datetime.date.today().isoformat()


def new_id():
    return str(uuid.uuid4())


def home():
    return os.environ.get("APP_HOME", "/default")


def here():
    return os.getcwd()
