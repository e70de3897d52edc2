import math
import re

import pytest

from calculator import Calculator, CalculatorError, shown
from main import main


def value(text):
    return Calculator().evaluate(text)


@pytest.mark.parametrize("text, wanted", [
    ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("10 - 4 - 3", 3), ("100 / 10 / 5", 2), ("7 % 4", 3),
    ("2 ^ 3 ^ 2", 512), ("-2 ^ 2", -4), ("2 ^ -1", 0.5), ("--3", 3), ("-2 * -3", 6), ("2 - -3", 5),
    (".5 + 1.", 1.5), ("1.5e3", 1500), ("2e-2", 0.02), ("  1\t+1 ", 2), ("-(2 + 3)", -5),
    ("-7 % 4", -3),
])
def test_arithmetic_follows_precedence(text, wanted):
    assert value(text) == pytest.approx(wanted)


@pytest.mark.parametrize("text, wanted", [
    ("sqrt(16)", 4), ("max(1, 5, 3)", 5), ("min(2)", 2), ("abs(-3) + 1", 4), ("ln(e)", 1),
    ("cos(pi)", -1), ("round(2.6)", 3), ("2 * pi", 2 * math.pi), ("sqrt(3^2 + 4^2)", 5),
])
def test_functions_and_constants_are_known(text, wanted):
    assert value(text) == pytest.approx(wanted)


def test_variables_last_from_one_expression_to_the_next():
    calculator = Calculator()
    assert calculator.evaluate("x = 4") == 4
    assert calculator.evaluate("y = x * 2 + 1") == 9
    assert calculator.evaluate("x + y") == 13
    with pytest.raises(CalculatorError):
        calculator.evaluate("x = 1 / 0")
    assert calculator.variables["x"] == 4


@pytest.mark.parametrize("text, position, message", [
    ("", 1, "a value is missing"), ("1 +", 4, "a value is missing"),
    ("(1 + 2", 7, "')' is missing"),
    ("1 2", 3, "'2' doesn't belong"), ("1 $ 2", 3, "'$' doesn't belong"), ("foo + 1", 1, "unknown"),
    ("1 / 0", 3, "division by zero"), ("5 % (1 - 1)", 3, "isn't a number"),
    ("sqrt(-1)", 1, "isn't a number"), ("(-8) ^ 0.5", 6, "isn't a number"),
    ("10 ^ 1000", 4, "isn't a number"), ("1e999", 1, "isn't a number"),
    ("sqrt(1, 2)", 1, "takes 1"),
    ("pi = 3", 1, "can't be changed"), ("sqrt = 3", 1, "can't be changed"), ("sqrt", 1, "unknown"),
    ("1 = 2", 3, "doesn't belong"), ("2)", 2, "doesn't belong"), ("x =", 4, "a value is missing"),
])
def test_an_error_says_what_and_where(text, position, message):
    with pytest.raises(CalculatorError, match=re.escape(message)) as wrong:
        value(text)
    assert wrong.value.position == position


def test_length_and_depth_are_limited():
    with pytest.raises(CalculatorError, match="nested"):
        value("(" * 200 + "1" + ")" * 200)
    with pytest.raises(CalculatorError, match="nested"):
        value("-" * 500 + "1")
    with pytest.raises(CalculatorError, match="longer"):
        value("1+" * 600 + "1")


@pytest.mark.parametrize("number, text", [
    (4.0, "4"), (-0.5, "-0.5"), (0.1 + 0.2, "0.3"), (1e20, "1e+20"), (1 / 3, "0.333333333333"),
])
def test_values_are_shown_as_people_write_them(number, text):
    assert shown(number) == text


def test_the_command_line_goes_on_after_an_error(capsys):
    assert main([], ["x = 2\n", "\n", "x +\n", "x * 3\n"]) == 1
    out = capsys.readouterr()
    assert out.out == "2\n6\n"
    assert out.err == "a value is missing (at 4)\n"
