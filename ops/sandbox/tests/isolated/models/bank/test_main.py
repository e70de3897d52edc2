import datetime
import inspect
import random
import string
import unittest
from collections import Counter
from decimal import Decimal
from unittest.mock import Mock, PropertyMock, call, patch, sentinel

import pytest

import main
from main import (Account, Events, Graph, InsufficientFunds, Kind, Room, Savings, Singleton, Stack, Transaction,
                  add, averager, chunks, describe, flatten, pipeline, report, transaction, warn_if_low, words)


@pytest.fixture
def account():
    return Account("Ada", 100)


@pytest.fixture(params=[Account, Savings], ids=["plain", "savings"])
def any_account(request):
    return request.param("Bob", 50)


class TestAccount:
    def test_starts(self, account):
        assert account.balance == 100
        assert account.balance == Decimal("100")
        assert account.owner == "Ada"
        assert account.transactions == []

    def test_deposit(self, account):
        assert account.deposit(50) == 150
        assert len(account.transactions) == 1
        assert account.transactions[0].kind == Kind.DEPOSIT
        assert account.transactions[0].kind is Kind.DEPOSIT
        assert account.transactions[0].kind == "deposit"

    @pytest.mark.parametrize("amount", [0, -1, -0.5])
    def test_deposit_refused(self, account, amount):
        with pytest.raises(ValueError) as caught:
            account.deposit(amount)
        assert str(caught.value) == "Deposit amount must be positive"
        assert account.balance == 100

    def test_withdraw_too_much(self, account):
        with pytest.raises(InsufficientFunds, match=r"need 500, have \d+") as caught:
            account.withdraw(500)
        assert caught.value.needed == 500
        assert caught.value.available == 100

    def test_transfer(self, account, any_account):
        account.transfer(any_account, 30)
        assert (account.balance, any_account.balance) == (70, 80)

    def test_balance_is_read_only(self, account):
        with pytest.raises(AttributeError):
            account.balance = 5

    def test_owner_must_be_a_name(self):
        for wrong in (None, 5, "", "  "):
            with pytest.raises(TypeError):
                Account(wrong)

    def test_repr(self, account):
        assert repr(account) == "Account(owner='Ada', balance=100)"
        assert "Ada" in str(account)

    def test_ids_grow(self):
        first, second = Account("a"), Account("b")
        assert second.id == first.id + 1

    def test_dates(self, account):
        before = datetime.datetime.now()
        account.deposit(1)
        assert before <= account.transactions[-1].at <= datetime.datetime.now()


class TestSavings:
    def test_interest(self):
        savings = Savings("Eve", 100)
        savings.add_interest()
        assert savings.balance == pytest.approx(Decimal("105"))
        assert isinstance(savings, Account) and issubclass(Savings, Account)
        assert Savings.interest == 0.05 and Account.interest == 0.01

    def test_interest_patched(self):
        savings = Savings("Eve", 100)
        with patch.object(Savings, "interest", 0.1):
            savings.add_interest()
        assert savings.balance == 110

    def test_balance_patched(self):
        with patch.object(Account, "balance", new_callable=PropertyMock) as balance:
            balance.return_value = 7
            assert Account("Kim").balance == 7


def test_report(account):
    assert report([account, Account("Bob")]) == [{"owner": "Ada", "balance": 100.0}, {"owner": "Bob", "balance": 0.0}]
    assert report([]) == []


def test_warns(caplog):
    notifier = Mock()
    assert warn_if_low(Account("Bob", 5), notifier) is True
    notifier.notify.assert_called_once_with("Bob: 5")
    assert "low balance for Bob" in caplog.text


def test_does_not_warn(account):
    notifier = Mock()
    assert not warn_if_low(account, notifier)
    assert not notifier.notify.called
    assert notifier.mock_calls == []


def test_notifier_of_the_test():
    class Recorder:
        def __init__(self):
            self.texts = []

        def notify(self, text):
            self.texts.append(text)

    recorder = Recorder()
    warn_if_low(Account("Bob", 5), recorder)
    assert recorder.texts == ["Bob: 5"]


def test_transaction_defaults():
    first, second = Transaction(Kind.DEPOSIT, Decimal(1)), Transaction(Kind.DEPOSIT, Decimal(1))
    first.tags.append("x")
    assert second.tags == [] and first.tags == ["x"]
    assert first.amount == 1


class StackTests(unittest.TestCase):
    def setUp(self):
        self.stack = Stack()

    def test_chained(self):
        self.assertIs(self.stack.push(1), self.stack)
        self.stack.push(2).push(3)
        self.assertEqual([self.stack.pop() for _ in range(3)], [3, 2, 1])
        self.assertRaises(IndexError, self.stack.pop)

    def test_peek(self):
        self.assertIsNone(self.stack.peek())
        self.stack.push("a")
        self.assertEqual(self.stack.peek(), "a")
        self.assertEqual(len(self.stack), 1)
        self.assertTrue(self.stack)

    def test_anything(self):
        item = object()
        self.stack.push(item)
        self.assertIs(self.stack.pop(), item)
        self.stack.push(None)
        self.assertIsNone(self.stack.pop())

    def test_typed(self):
        self.assertEqual(len(Stack[int]()), 0)


def test_add():
    assert add(1) == 3 and add(1, 3) == 4 and add(1, scale=2) == 6
    assert add.__name__ == "add" and add.__doc__ == "Add two numbers."
    with pytest.raises(TypeError):
        add()
    with pytest.raises(TypeError):
        add(1, 2, 3)


def test_add_is_counted():
    before = add.calls
    add(1)
    assert add.calls == before + 1


def test_add_signature():
    signature = inspect.signature(add)
    assert list(signature.parameters) == ["a", "b", "scale"]
    assert signature.parameters["b"].default == 2
    assert signature.parameters["scale"].kind is inspect.Parameter.KEYWORD_ONLY


def test_describe():
    assert [describe(each) for each in (1, [1, 2], "x")] == ["int 1", "list of 2", "something"]


def test_events():
    events, heard = Events(), []

    @events.on("saved")
    def remember(name, size=0):
        heard.append((name, size))
        return name.upper()

    assert events.emit("saved", "a", size=3) == ["A"]
    assert heard == [("a", 3)]
    assert events.emit("other") == []
    assert remember("b") == "B"


def test_events_with_mocks():
    events, first, second = Events(), Mock(return_value=1), Mock(return_value=2)
    events.on("x")(first)
    events.on("x")(second)
    assert events.emit("x", sentinel.value) == [1, 2]
    assert first.call_args_list == [call(sentinel.value)]


def test_rolled_back(account):
    with pytest.raises(RuntimeError):
        with transaction(account) as found:
            found.deposit(10)
            raise RuntimeError("stop")
    assert account.balance == 100


def test_kept(account):
    with transaction(account):
        account.deposit(10)
    assert account.balance == 110


def test_singleton():
    assert Singleton() is Singleton()


def test_room():
    room = Room(20)
    room.temperature = -5
    assert room.temperature == -5
    with pytest.raises(ValueError):
        room.temperature = -300
    with pytest.raises(ValueError):
        Room(-1000)


def test_words():
    assert words("a b A") == Counter({"a": 2, "b": 1})
    assert words("a b A").most_common(1) == [("a", 2)]
    assert words("")["missing"] == 0


def test_chunks_and_flatten():
    assert list(chunks([1, 2, 3], 2)) == [[1, 2], [3]]
    assert list(flatten([1, [2, (3, [4])], []])) == [1, 2, 3, 4]
    assert sorted(flatten([[3], [1]])) == [1, 3]
    assert "".join(flatten([["a"], "b"])) == "ab"


def test_pipeline():
    assert pipeline(lambda x: x + 1, str, lambda text: text * 2)(4) == "55"


def test_averager():
    average = averager()
    next(average)
    assert average.send(10) == 10
    assert average.send(20) == 15
    average.close()


def test_graph():
    graph = Graph()
    for a, b in (("a", "b"), ("b", "c"), ("a", "d"), ("d", "e"), ("e", "c")):
        graph.add(a, b)
    assert graph.shortest("a", "c") == ["a", "b", "c"]
    assert graph.shortest("c", "a") is None
    assert graph.neighbours("a") == {"b", "d"}
    with pytest.raises(KeyError):
        graph.neighbours("z")


def test_many_random_accounts():
    random.seed(7)
    for _ in range(20):
        name = "".join(random.choices(string.ascii_letters, k=5))
        amount = random.randint(1, 100)
        account = Account(name)
        account.deposit(amount)
        assert account.balance == amount


def test_module():
    assert hasattr(main, "Account") and callable(main.add)
    assert main.Account.__name__ == "Account"
    assert isinstance(main.log.name, str)
