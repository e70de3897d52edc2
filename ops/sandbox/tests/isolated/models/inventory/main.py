from collections import OrderedDict, defaultdict
from functools import total_ordering


class OutOfStock(Exception):
    pass


@total_ordering
class Price:
    def __init__(self, cents):
        self.cents = cents

    def __eq__(self, other):
        if not isinstance(other, Price):
            return NotImplemented
        return self.cents == other.cents

    def __lt__(self, other):
        return self.cents < other.cents

    def __hash__(self):
        return hash(self.cents)

    def __repr__(self):
        return f"Price({self.cents})"


class Inventory:
    def __init__(self):
        self._items = {}
        self.history = []

    def add(self, name, count=1):
        if count <= 0:
            raise ValueError("count must be positive")
        self._items[name] = self._items.get(name, 0) + count
        self.history.append(("add", name, count))

    def remove(self, name, count=1):
        if self._items.get(name, 0) < count:
            raise OutOfStock(name)
        self._items[name] -= count
        if not self._items[name]:
            del self._items[name]
        self.history.append(("remove", name, count))

    def __len__(self):
        return len(self._items)

    def __contains__(self, name):
        return name in self._items

    def __getitem__(self, name):
        return self._items[name]

    def __iter__(self):
        return iter(sorted(self._items))

    def __bool__(self):
        return bool(self._items)

    def items(self):
        return self._items.items()

    def keys(self):
        return self._items.keys()

    def values(self):
        return self._items.values()


class Stack:
    def __init__(self, items=()):
        self._items = list(items)

    def push(self, item):
        self._items.append(item)

    def pop(self):
        if not self._items:
            raise IndexError("pop from an empty stack")
        return self._items.pop()

    def __len__(self):
        return len(self._items)

    def __iter__(self):
        return iter(self._items)

    def __contains__(self, item):
        return item in self._items

    def __eq__(self, other):
        return isinstance(other, Stack) and self._items == other._items


class History(list):
    """A list that forgets."""

    def append(self, item):
        super().append(item)
        del self[:-3]


class Settings(dict):
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class LRUCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.cache = OrderedDict()

    def get(self, key):
        if key not in self.cache:
            return -1
        self.cache.move_to_end(key)
        return self.cache[key]

    def put(self, key, value):
        self.cache[key] = value
        self.cache.move_to_end(key)
        if len(self.cache) > self.capacity:
            self.cache.popitem(last=False)


def group(words):
    found = defaultdict(list)
    for word in words:
        found[len(word)].append(word)
    return found


def squares(n):
    for i in range(n):
        yield i * i
