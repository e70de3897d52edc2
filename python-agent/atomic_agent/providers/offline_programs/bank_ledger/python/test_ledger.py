import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger import CASH, InsufficientFunds, Ledger, LedgerError, UnknownAccount, cents, money


@pytest.fixture
def ledger():
    books = Ledger()
    books.open("ada")
    books.open("bob", overdraft=1000)
    books.deposit("ada", 5000)
    return books


def test_amounts_are_read_and_written_exactly():
    assert [cents(text) for text in ("12.50", "12", "0.01", " 7.00 ")] == [1250, 1200, 1, 700]
    written = [money(amount) for amount in (1250, 5, -5, -12345)]
    assert written == ["12.50", "0.05", "-0.05", "-123.45"]
    for text in ("", "-1", "1.5", "1.234", "1,50", "ten"):
        with pytest.raises(ValueError):
            cents(text)


def test_a_transfer_moves_money_and_creates_none(ledger):
    ledger.transfer("ada", "bob", 1250)
    assert (ledger.balance("ada"), ledger.balance("bob")) == (3750, 1250)
    assert ledger.balance(CASH) == -5000
    ledger.check()


def test_an_account_is_overdrawn_only_as_far_as_allowed(ledger):
    ledger.withdraw("bob", 1000)
    with pytest.raises(InsufficientFunds):
        ledger.withdraw("bob", 1)
    with pytest.raises(InsufficientFunds):
        ledger.transfer("ada", "bob", 5001)
    assert (ledger.balance("ada"), ledger.balance("bob")) == (5000, -1000)


@pytest.mark.parametrize("amount", [0, -5, 1.5, "5", True])
def test_wrong_amounts_are_refused(ledger, amount):
    with pytest.raises(LedgerError):
        ledger.deposit("ada", amount)


def test_unknown_same_and_double_accounts_are_refused(ledger):
    with pytest.raises(UnknownAccount):
        ledger.transfer("ada", "eve", 1)
    with pytest.raises(LedgerError):
        ledger.transfer("ada", "ada", 1)
    for name in ("ada", CASH, "  "):
        with pytest.raises(LedgerError):
            ledger.open(name)
    assert ledger.balance("ada") == 5000


def test_the_same_reference_is_booked_once(ledger):
    first = ledger.transfer("ada", "bob", 100, reference="invoice 7")
    assert ledger.transfer("ada", "bob", 100, reference="invoice 7") is first
    assert ledger.balance("bob") == 100
    with pytest.raises(LedgerError):
        ledger.transfer("ada", "bob", 200, reference="invoice 7")


def test_a_reversal_undoes_a_transaction_once_and_leaves_it_in_the_books(ledger):
    booked = ledger.transfer("ada", "bob", 100)
    undone = ledger.reverse(booked.number)
    assert undone.reverses == booked.number
    assert (ledger.balance("ada"), ledger.balance("bob")) == (5000, 0)
    assert len(ledger.statement("bob")) == 2
    for number in (booked.number, 99, 0):
        with pytest.raises(LedgerError):
            ledger.reverse(number)


def test_a_statement_shows_the_balance_after_each_posting(ledger):
    ledger.withdraw("ada", 1500)
    assert ledger.statement("ada") == [(1, "deposit", 5000, 5000), (2, "withdrawal", -1500, 3500)]


def test_the_check_notices_a_wrong_balance(ledger):
    ledger._balances["ada"] += 1
    with pytest.raises(AssertionError):
        ledger.check()


def test_the_books_balance_after_any_sequence_of_movements():
    chance = random.Random(3)
    books = Ledger()
    names = [f"account {number}" for number in range(5)]
    for name in names:
        books.open(name, overdraft=chance.choice([0, 500]))
    for _ in range(2000):
        source, target = chance.sample([*names, CASH], 2)
        try:
            booked = books.transfer(source, target, chance.randint(1, 900))
            if chance.random() < 0.1:
                books.reverse(booked.number)
        except InsufficientFunds:
            pass
    books.check()
    assert sum(books.balance(name) for name in [*names, CASH]) == 0
    assert all(books.balance(name) >= -500 for name in names)


def test_many_threads_lose_no_money(ledger):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ledger.transfer("ada", "bob", 1), range(1000)))
    assert (ledger.balance("ada"), ledger.balance("bob")) == (4000, 1000)
    ledger.check()
