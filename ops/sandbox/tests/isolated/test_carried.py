"""Each passes, judged from outside."""

import asyncio
import copy
import dataclasses
import datetime
import decimal
import enum
import fractions
import inspect
import io
import json
import pathlib
import subprocess
import sys
import unittest
import unittest.mock as mock
import uuid
from collections import Counter, OrderedDict, defaultdict, deque

import pytest
import shop
from shop import *
from shop import Closed, Level, Missing, Money, Names, Point, Quote, Shelf, Size, same


@pytest.mark.parametrize("value", [
    None, True, 0, -7, 10 ** 5000, 0.1 + 0.2, -0.0, float("inf"), 1 + 2j, "a", "\ud800", "é\0", b"x",
    bytearray(b"y"), (1, [2]), [1, (2,)], {1: 2}, {1, 2}, frozenset({3}), slice(1, None), range(3),
    ..., NotImplemented, decimal.Decimal("1.10"), fractions.Fraction(1, 3),
    datetime.date(2026, 1, 2), datetime.time(1, 2), datetime.datetime(2026, 1, 2, 3, 4, 5, 6),
    datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc), datetime.timedelta(1, 2, 3),
    uuid.UUID(int=7), pathlib.PurePosixPath("/a"), pathlib.Path("b"), Counter("aab"),
    OrderedDict(a=1), deque([1, 2], 5), defaultdict(list, a=[1]), int, [[[1]], []], {"a": {"b": {}}},
], ids=lambda value: type(value).__name__)
def test_values_come_back_as_they_went(value):
    got = same(value)
    assert got == value and type(got) is type(value)


def test_not_a_number_stays_one(): assert same(float("nan")) != same(float("nan"))
def test_a_limit_of_a_deque_stays(): assert same(deque([1], 2)).maxlen == 2
def test_a_default_works(): assert same(defaultdict(int))["x"] == 0
def test_enum_members_are_one(): assert Size.SMALL is Size(1) and Size["LARGE"].value == 2
def test_enums_are_listed(): assert [each.name for each in Size] == ["SMALL", "LARGE"]
def test_an_int_enum_is_a_number(): assert Level.LOW == 1 and Level.LOW < 2
def test_a_text_of_its_own_class(): assert shop.Label("ab") == "ab" and shop.Label("ab").upper() == "AB"
def test_a_text_answers_here(): assert shop.Label("ab").startswith("a") and "b" in shop.Label("ab")
def test_a_list_of_its_own_class():
    names = Names(["a", "bcd"])
    names.append("e")
    assert names == ["a", "bcd", "e"] and isinstance(names, list) and names.longest() == "bcd"
def test_tuples_with_names(): assert Point(1, 2) == (1, 2) and Point(1, y=2).x == 1
def test_tuples_with_names_come_back(): assert isinstance(same(Point(1, 2)), Point)
def test_a_list_in_an_object():
    item = shop.Item(1)
    item.tags.append(5)
    assert item.tags == [5] and same(item).tags == [5]
def test_dataclasses_as_dict(): assert dataclasses.asdict(shop.Item(1)) == {"weight": 1, "tags": []}
def test_dataclasses_replaced(): assert dataclasses.replace(Quote(1), total=2).total == 2
def test_dataclasses_compared():
    assert shop.quote(3) == Quote(3) and shop.quote(3) != Quote(4) and Quote(1) == Quote(1, "EUR")
    assert [shop.quote(3)] == [Quote(total=3)] and Quote(5).total == 5
def test_a_planned_dataclass_is_one():
    mine = Quote(7)
    assert same(mine) is mine and isinstance(mine, Quote) and repr(mine).startswith("Quote(")
def test_an_error_of_the_program():
    with pytest.raises(Missing, match="tea") as raised:
        shop.fail("tea")
    assert raised.value.name == "tea" and isinstance(raised.value, KeyError)
    assert raised.value.args == ("tea",)
def test_a_test_raises_its_error():
    with pytest.raises(Closed):
        raise Closed("x")
def test_a_cause():
    with pytest.raises(Closed) as raised:
        shop.chained()
    assert isinstance(raised.value.__cause__, ValueError)
def test_an_error_of_python():
    with pytest.raises(json.JSONDecodeError) as raised:
        shop.parse("{")
    assert raised.value.pos == 1
def test_builtin_errors():
    with pytest.raises(ZeroDivisionError):
        shop.each(lambda x: 1 / x, [0])
def test_an_exit():
    with pytest.raises(SystemExit) as raised:
        shop.leave(4)
    assert raised.value.code == 4
def test_too_deep():
    with pytest.raises(RecursionError):
        shop.endless(0)
def test_operators(): assert (Money(1) + Money(2)).cents == 3
def test_texts(): assert repr(Money(3)) == "Money(3)" and f"{Money(3)}" == "Money(3)"
def test_texts_in_lists(): assert str([Money(1)]) == "[Money(1)]"
def test_properties(): assert Money(250).euros == 2.5 and Money.parse("3").cents == 3
def test_static_methods(): assert Money.rate(1) == 2
def test_attributes_of_classes():
    Money.made = 0
    Money(1)
    assert Money.made == 1
def test_attributes_are_set():
    money = Money(1)
    money.cents = 500
    assert money.euros == 5
def test_a_shelf():
    shelf = Shelf()
    shelf["a"] = 1
    assert len(shelf) == 1 and shelf["a"] == 1 and list(shelf) == ["a"] and shelf("a") == 1
    del shelf["a"]
    assert not shelf
def test_iteration_finds(): assert "x" not in list(Shelf())
def test_a_context():
    with Shelf() as shelf:
        assert shelf["open"] is True
    assert shelf["open"] is False
def test_a_context_lets_through():
    with pytest.raises(OSError):
        with Shelf():
            raise OSError
def test_a_context_of_a_generator(capsys):
    with shop.open_shop() as got:
        assert got == 5
    assert capsys.readouterr().out == "open\nclosed\n"
def test_errors_are_printed(capsys):
    shop.warn()
    assert capsys.readouterr().err == "careful\n"
def test_state_of_a_module():
    shop.stock.clear()
    shop.put(1)
    assert shop.stock == [1]
def test_held_state():
    held = shop.stock
    held.clear()
    shop.put(2)
    assert held == [2] and held is shop.stock
def test_nested_state():
    shop.prices["tea"]["small"] = 5
    assert shop.prices["tea"]["small"] == 5
def test_a_constant_for_a_while(monkeypatch):
    monkeypatch.setattr(shop, "LIMIT", 9)
    assert shop.limit() == 9
def test_the_constant_is_back(): assert shop.limit() == 3
def test_a_constant_by_name(monkeypatch):
    monkeypatch.setattr("shop.LIMIT", 8)
    assert shop.limit() == 8
def test_input(monkeypatch):
    monkeypatch.setattr("builtins.input", lambda prompt: "ada")
    assert shop.ask() == "ADA"
def test_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("a\nb"))
    assert shop.read_all() == "a\nb"
def test_a_patched_clock():
    with mock.patch("shop.time.time", return_value=5):
        assert shop.now() == 5
def test_a_patched_process():
    with mock.patch("shop.subprocess.run") as run:
        run.return_value = 7
        assert shop.run_it() == 7
        run.assert_called_once_with(["nothing"])
def test_a_patched_method():
    with mock.patch.object(Money, "parse", return_value=3):
        assert Money.parse("1") == 3
    assert Money.parse("1").cents == 1
def test_a_mock_is_called():
    function = mock.Mock(return_value=4)
    assert shop.each(function, [1]) == [4]
    function.assert_called_once_with(1)
def test_the_environment(monkeypatch):
    monkeypatch.setenv("SHOP", "1")
    assert shop.setting() == "1"
def test_awaited(): assert asyncio.run(shop.later(1)) == 2
def test_gathered():
    async def both():
        return await asyncio.gather(shop.later(1), shop.later(2))
    assert asyncio.run(both()) == [2, 3]
def test_async_for():
    async def items():
        return [item async for item in shop.counting(3)]
    assert asyncio.run(items()) == [0, 1, 2]
def test_async_with():
    async def session():
        async with shop.Session() as found:
            return found
    assert isinstance(asyncio.run(session()), shop.Session)
def test_called_back(): assert shop.each(lambda x: x * 2, [1, 2]) == [2, 4]
def test_called_back_by_name(): assert shop.each(len, ["ab"]) == [2]
def test_added_to_here():
    found = []
    shop.each(found.append, [1, 2])
    assert found == [1, 2]
def test_an_error_of_the_test_goes_through():
    class Mine(Exception):
        pass
    def function(_):
        raise Mine("q")
    with pytest.raises(Mine):
        shop.each(function, [1])
def test_to_and_fro():
    def function(n):
        return shop.down(function, n)
    assert shop.down(function, 40) == 0
def test_changed_in_place():
    items = [3, 1]
    assert shop.ordered(items) is items and items == [1, 3]
def test_identity():
    money, mine = Money(1), object()
    assert same(money) is money and same(mine) is mine
def test_defaults_that_stay(): assert shop.collect(1) == [1] and shop.collect(2) == [1, 2]
def test_decorators(): assert shop.plus_one(lambda x: x)(1) == 2 and shop.plus_one(len).__name__ == "len"
def test_nested_objects():
    found = shop.basket()
    assert found["item"].weight == 1 and [each.cents for each in found["money"]] == [1, 2]
def test_twins():
    a, b = shop.twins()
    assert a is b
def test_a_ring():
    ring = shop.ring()
    assert ring[0] is ring
def test_long_generators(): assert sum(shop.numbers(2000)) == 1999000
def test_a_generator_that_fails_late():
    found = []
    with pytest.raises(shop.Closed):
        for number in shop.failing(30):
            found.append(number)
    assert found == list(range(30))
def test_generators_end():
    numbers = shop.numbers(1)
    assert next(numbers) == 0 and next(numbers, "end") == "end"
def test_signatures(): assert list(inspect.signature(shop.typed).parameters) == ["a", "b", "rest", "c"]
def test_annotations(): assert shop.typed.__annotations__["a"] is int
def test_names(): assert shop.typed.__name__ == "typed" and callable(shop.fail)
def test_classes(): assert inspect.isclass(Money) and type(Money(1)) is Money and issubclass(Missing, KeyError)
def test_attributes_there_or_not():
    assert hasattr(Money(1), "euros") and not hasattr(Money(1), "none") and not hasattr(shop, "none")
def test_variables(): assert vars(Money(1)) == {"cents": 1}
def test_copies():
    money = Money(4)
    other = copy.deepcopy(money)
    assert other.cents == 4 and other is not money and copy.copy(money).cents == 4
def test_numbers_of_another_class(): assert shop.exact("1.5") == decimal.Decimal("1.5")
def test_nearly(): assert Money(1).euros == pytest.approx(0.01)
def test_a_file_in_memory():
    file = io.StringIO()
    shop.save(file)
    assert file.getvalue() == "saved\n"
def test_an_object_of_the_test():
    class Listener:
        name = "me"
        def __init__(self):
            self.events = []
    listener = Listener()
    assert shop.notify(listener) == "me" and listener.events == ["x"]
def test_written_there(tmp_path):
    shop.write(tmp_path / "a.txt", "hello")
    assert (tmp_path / "a.txt").read_text() == "hello"
def test_written_here(tmp_path):
    (tmp_path / "b.txt").write_text("there")
    assert shop.read(str(tmp_path / "b.txt")) == "there"
def test_a_process():
    done = subprocess.run([sys.executable, "shop.py", "x"], input="ada\n", capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (3, "hello ada x\n", "")
def test_not_equal_to_a_value(): assert not shop.loose() == 5 and shop.loose() != "yes"
def test_abstract_classes():
    with pytest.raises(TypeError):
        shop.Shape()


class UnittestTest(unittest.TestCase):
    def setUp(self):
        self.money = Money(1)

    def test_equality(self):
        self.assertEqual(same([1, {"a": (2,)}]), [1, {"a": (2,)}])

    def test_raises(self):
        with self.assertRaises(Missing):
            shop.fail("x")

    def test_instances(self):
        self.assertIsInstance(self.money, Money)
        self.assertAlmostEqual(self.money.euros, 0.01)
def test_a_clock_of_this_process():
    with mock.patch("time.time", return_value=5):
        assert shop.now() == 5
def test_clocks_that_the_judge_needs_itself():
    with mock.patch("time.monotonic", side_effect=[]), mock.patch("builtins.open", mock.mock_open()):
        assert shop.limit() == 3
    with mock.patch("time.time", return_value=1), mock.patch("time.time", return_value=2):
        assert shop.now() == 2
    assert shop.now() > 5
def test_a_running_process():
    with subprocess.Popen([sys.executable, "-c", "print(1)"], stdout=subprocess.PIPE) as process:
        assert process.stdout.read() == b"1\n"
def test_kinds_of_functions(): assert inspect.isfunction(shop.same) and inspect.iscoroutinefunction(shop.later)
def test_a_class_of_the_test():
    class Square(shop.Shape):
        side = 2
        def area(self):
            return self.side ** 2
        def twice(self):
            return super().twice() + 1
    assert Square().twice() == 9 and isinstance(Square(), shop.Shape)
def test_an_error_class_of_the_test():
    class Worse(shop.Missing):
        def __init__(self, name):
            super().__init__(name + "!")
    with pytest.raises(shop.Missing) as raised:
        raise Worse("x")
    assert raised.value.name == "x!"
def test_a_frozen_dataclass_in_a_set(): assert {Quote(1), Quote(1), Quote(2)} == {Quote(2), Quote(1)}
def test_what_is_in_there():
    shelf = Shelf()
    shelf["a"] = 1
    assert "a" in shelf and "b" not in shelf and "bcd" in Names(["bcd"])
