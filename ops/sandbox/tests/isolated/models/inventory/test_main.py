import types
import unittest

import pytest

from main import History, Inventory, LRUCache, OutOfStock, Price, Settings, Stack, group, squares


@pytest.fixture
def inventory():
    found = Inventory()
    found.add("apple", 3)
    found.add("pear")
    return found


def test_membership(inventory):
    assert "apple" in inventory
    assert "plum" not in inventory


def test_size(inventory):
    assert len(inventory) == 2
    assert inventory


def test_empty():
    assert not Inventory()
    assert len(Inventory()) == 0


def test_iteration(inventory):
    assert list(inventory) == ["apple", "pear"]
    assert sorted(inventory.keys()) == ["apple", "pear"]
    assert list(inventory.items()) == [("apple", 3), ("pear", 1)]
    assert dict(inventory.items()) == {"apple": 3, "pear": 1}
    assert dict(inventory) == {"apple": 3, "pear": 1}
    assert sum(inventory.values()) == 4


def test_views(inventory):
    assert "apple" in inventory.keys()
    assert inventory.keys() == {"apple", "pear"}
    assert len(inventory.items()) == 2
    assert ("pear", 1) in inventory.items()
    assert 3 in inventory.values()


def test_remove(inventory):
    inventory.remove("pear")
    with pytest.raises(OutOfStock):
        inventory.remove("pear")
    with pytest.raises(KeyError):
        inventory["pear"]


def test_history(inventory):
    assert inventory.history[-1] == ("add", "pear", 1)
    inventory.history.clear()
    inventory.add("fig")
    assert inventory.history == [("add", "fig", 1)]


def test_internals(inventory):
    assert inventory._items == {"apple": 3, "pear": 1}
    inventory._items["x"] = 9
    assert inventory["x"] == 9


@pytest.mark.parametrize("count", [0, -1])
def test_refused(count):
    with pytest.raises(ValueError):
        Inventory().add("x", count)


class StackTests(unittest.TestCase):
    def setUp(self):
        self.stack = Stack()

    def test_push_and_pop(self):
        self.stack.push(1)
        self.stack.push(2)
        self.assertEqual(self.stack.pop(), 2)
        self.assertEqual(len(self.stack), 1)
        self.assertIn(1, self.stack)
        self.assertNotIn(2, self.stack)

    def test_empty(self):
        with self.assertRaises(IndexError):
            self.stack.pop()
        with self.assertRaisesRegex(IndexError, "empty"):
            self.stack.pop()

    def test_given(self):
        self.assertListEqual(list(Stack([1, 2])), [1, 2])
        self.assertCountEqual(Stack([2, 1]), [1, 2])
        self.assertFalse(Stack())
        self.assertIsInstance(self.stack, Stack)


def test_prices_sorted():
    prices = [Price(3), Price(1), Price(2)]
    assert [each.cents for each in sorted(prices, key=lambda each: each.cents)] == [1, 2, 3]


def test_history_is_a_list():
    history = History()
    for i in range(5):
        history.append(i)
    assert history == [2, 3, 4]
    assert [2, 3, 4] == history
    assert history[0] == 2 and len(history) == 3
    assert isinstance(history, list)


def test_settings():
    settings = Settings(a=1)
    assert settings.a == 1 and settings["a"] == 1
    assert settings == {"a": 1}
    assert isinstance(settings, dict)
    assert "a" in settings and settings.get("b", 5) == 5
    with pytest.raises(AttributeError):
        settings.b


def test_cache():
    cache = LRUCache(2)
    cache.put(1, 1)
    cache.put(2, 2)
    assert cache.get(1) == 1
    cache.put(3, 3)
    assert cache.get(2) == -1
    assert list(cache.cache.keys()) == [1, 3]
    assert 2 not in cache.cache


def test_group():
    assert group(["a", "bb", "c"]) == {1: ["a", "c"], 2: ["bb"]}


def test_squares():
    found = squares(3)
    assert isinstance(found, types.GeneratorType)
    assert next(found) == 0
    assert list(found) == [1, 4]
    with pytest.raises(StopIteration):
        next(found)
