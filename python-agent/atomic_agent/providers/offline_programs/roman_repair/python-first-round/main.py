"""Roman numerals from 1 to 3999 and back."""

import sys

NUMERALS = (
    (1000, "M"), (500, "D"), (100, "C"), (50, "L"), (10, "X"), (5, "V"), (1, "I"),
)
LETTERS = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}


def to_roman(number):
    """The numeral of a whole number. Raises ValueError outside 1 to 3999."""
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= 3999:
        raise ValueError("a whole number from 1 to 3999 is needed")
    written = ""
    for value, numeral in NUMERALS:
        count, number = divmod(number, value)
        written += numeral * count
    return written


def from_roman(text):
    """The number of a numeral. Raises ValueError for what isn't the usual form."""
    numeral = text.strip().upper()
    if not numeral or set(numeral) - set(LETTERS):
        raise ValueError(f"not a Roman numeral: {text!r}")
    values = [LETTERS[letter] for letter in numeral]
    total = 0
    for value, following in zip(values, values[1:] + [0]):
        total += -value if value < following else value
    if not 1 <= total <= 3999 or to_roman(total) != numeral:
        raise ValueError(f"not a Roman numeral in its usual form: {text!r}")
    return total


def main(arguments):
    for argument in arguments or ["1994", "MMXXV"]:
        try:
            print(to_roman(int(argument)) if argument.isdigit() else from_roman(argument))
        except ValueError as problem:
            print(problem, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
