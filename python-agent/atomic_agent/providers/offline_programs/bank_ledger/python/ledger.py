"""A ledger with double entry: every transaction's postings add up to zero."""

import re
import threading
from dataclasses import dataclass

CASH = "cash"
AMOUNT = re.compile(r"(\d{1,15})(?:\.(\d{2}))?")


class LedgerError(Exception):
    """Something that can't be booked; nothing has changed."""


class UnknownAccount(LedgerError):
    pass


class InsufficientFunds(LedgerError):
    pass


@dataclass(frozen=True)
class Posting:
    account: str
    amount: int


@dataclass(frozen=True)
class Transaction:
    number: int
    text: str
    postings: tuple
    reference: str | None = None
    reverses: int | None = None


def cents(text):
    """An amount like 12.50 or 12 as whole cents. Raises ValueError."""
    found = AMOUNT.fullmatch(text.strip())
    if not found:
        raise ValueError(f"not an amount: {text!r}")
    return int(found[1]) * 100 + int(found[2] or 0)


def money(amount):
    """Whole cents as text, with a sign if negative."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02}"


class Ledger:
    def __init__(self):
        self._overdrafts = {CASH: None}  # how far an account may go below zero; None: any far
        self._balances = {CASH: 0}
        self._transactions = []
        self._references = {}
        self._reversed = set()
        self._lock = threading.RLock()

    def open(self, account, overdraft=0):
        with self._lock:
            if not account.strip() or account in self._balances:
                raise LedgerError(f"{account!r} can't be opened")
            if overdraft < 0:
                raise LedgerError("an overdraft is 0 or more")
            self._balances[account] = 0
            self._overdrafts[account] = overdraft

    def balance(self, account):
        with self._lock:
            self._known(account)
            return self._balances[account]

    def deposit(self, account, amount, reference=None):
        return self.transfer(CASH, account, amount, "deposit", reference)

    def withdraw(self, account, amount, reference=None):
        return self.transfer(account, CASH, amount, "withdrawal", reference)

    def transfer(self, source, target, amount, text="transfer", reference=None):
        """Moves an amount of cents above 0. Raises LedgerError."""
        if type(amount) is not int or amount <= 0:
            raise LedgerError("an amount is a whole number of cents above 0")
        if source == target:
            raise LedgerError("source and target are the same account")
        postings = (Posting(source, -amount), Posting(target, amount))
        return self._book(text, postings, reference)

    def reverse(self, number):
        """Undoes a transaction by its opposite. Raises LedgerError."""
        with self._lock:
            if not 1 <= number <= len(self._transactions):
                raise LedgerError(f"there is no transaction {number}")
            if number in self._reversed:
                raise LedgerError(f"transaction {number} is reversed already")
            original = self._transactions[number - 1]
            postings = tuple(Posting(p.account, -p.amount) for p in original.postings)
            undone = self._book(f"reversal of {number}", postings, None, reverses=number)
            self._reversed.add(number)
            return undone

    def statement(self, account):
        """(transaction number, text, amount, balance after it) of every posting, oldest first."""
        with self._lock:
            self._known(account)
            lines, balance = [], 0
            for transaction in self._transactions:
                for posting in transaction.postings:
                    if posting.account == account:
                        balance += posting.amount
                        lines.append((transaction.number, transaction.text, posting.amount,
                                      balance))
            return lines

    def check(self):
        """Adds up everything again. Raises AssertionError if the books are wrong."""
        with self._lock:
            sums = dict.fromkeys(self._balances, 0)
            for transaction in self._transactions:
                assert sum(p.amount for p in transaction.postings) == 0, transaction
                for posting in transaction.postings:
                    sums[posting.account] += posting.amount
            assert sums == self._balances

    def _book(self, text, postings, reference, reverses=None):
        with self._lock:
            for posting in postings:
                self._known(posting.account)
            if reference is not None and reference in self._references:
                return self._booked_before(text, postings, reference)
            for posting in postings:
                self._allow(posting)
            transaction = Transaction(len(self._transactions) + 1, text, postings, reference,
                                      reverses)
            self._transactions.append(transaction)
            for posting in postings:
                self._balances[posting.account] += posting.amount
            if reference is not None:
                self._references[reference] = transaction
            return transaction

    def _booked_before(self, text, postings, reference):
        first = self._references[reference]
        if (first.text, first.postings) != (text, postings):
            raise LedgerError(f"{reference!r} was used for something else")
        return first

    def _allow(self, posting):
        overdraft = self._overdrafts[posting.account]
        after = self._balances[posting.account] + posting.amount
        if posting.amount < 0 and overdraft is not None and after < -overdraft:
            balance = money(self._balances[posting.account])
            raise InsufficientFunds(f"{posting.account} has {balance}")

    def _known(self, account):
        if account not in self._balances:
            raise UnknownAccount(account)
