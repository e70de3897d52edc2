"""The calculator's command line."""

import sys

from calculator import Calculator, CalculatorError, shown


def main(arguments, lines=sys.stdin):
    calculator = Calculator()
    wrong = 0
    for line in arguments or lines:
        if not line.strip():
            continue
        try:
            print(shown(calculator.evaluate(line.rstrip("\n"))))
        except CalculatorError as problem:
            print(problem, file=sys.stderr)
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
