"""A day at the bank, as an example of the ledger."""

from ledger import InsufficientFunds, Ledger, cents, money


def main():
    ledger = Ledger()
    ledger.open("ada")
    ledger.open("bob", overdraft=cents("100.00"))
    ledger.deposit("ada", cents("50.00"))
    ledger.transfer("ada", "bob", cents("12.50"), reference="invoice 7")
    ledger.transfer("ada", "bob", cents("12.50"), reference="invoice 7")  # sent twice, booked once
    try:
        ledger.withdraw("ada", cents("40.00"))
    except InsufficientFunds as problem:
        print("refused:", problem)
    ledger.withdraw("bob", cents("60.00"))
    for account in ("ada", "bob"):
        print(account)
        for number, text, amount, balance in ledger.statement(account):
            print(f"  {number:>2}  {text:<12} {money(amount):>8} {money(balance):>8}")
    ledger.check()
    print("the books are balanced")


if __name__ == "__main__":
    main()
