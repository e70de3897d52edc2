"""Arithmetic expressions: a tokenizer and a parser that evaluates as it goes."""

import math
import operator
import re
from dataclasses import dataclass

MAX_LENGTH = 1000
MAX_DEPTH = 100

TOKEN = re.compile(r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
                   r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>[-+*/%^(),=])|(?P<end>$))")

# How tightly an operator binds to its left and right, and what it does.
OPERATORS = {
    "+": (1, 2, operator.add),
    "-": (1, 2, operator.sub),
    "*": (3, 4, operator.mul),
    "/": (3, 4, operator.truediv),
    "%": (3, 4, math.fmod),
    "^": (7, 6, operator.pow),
}
SIGN_POWER = 5
CONSTANTS = {"pi": math.pi, "e": math.e}
FUNCTIONS = {
    "sqrt": (1, math.sqrt), "abs": (1, abs), "sin": (1, math.sin), "cos": (1, math.cos),
    "ln": (1, math.log), "round": (1, round), "min": (None, min), "max": (None, max),
}


class CalculatorError(Exception):
    """What is wrong and where: `position` counts characters from 1."""

    def __init__(self, message, position):
        super().__init__(f"{message} (at {position})")
        self.position = position


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    position: int


def tokens_of(text):
    """The tokens of a text, the last one of kind `end`. Raises CalculatorError."""
    if len(text) > MAX_LENGTH:
        raise CalculatorError(f"longer than {MAX_LENGTH} characters", MAX_LENGTH + 1)
    tokens, start = [], 0
    while True:
        found = TOKEN.match(text, start)
        if not found:
            start += len(text[start:]) - len(text[start:].lstrip())
            raise CalculatorError(f"{text[start]!r} doesn't belong here", start + 1)
        kind = found.lastgroup
        tokens.append(Token(kind, found[kind], found.start(kind) + 1))
        if kind == "end":
            return tokens
        start = found.end()


class Calculator:
    """Evaluates one expression after another; variables last."""

    def __init__(self):
        self.variables = {}
        self._tokens = []
        self._next = 0

    def evaluate(self, text):
        """The value of an expression or assignment. Raises CalculatorError."""
        self._tokens, self._next = tokens_of(text), 0
        name = self._tokens[0]
        if name.kind == "name" and self._tokens[1].text == "=":
            if name.text in CONSTANTS or name.text in FUNCTIONS:
                raise CalculatorError(f"{name.text} can't be changed", name.position)
            self._next = 2
            value = self._whole()
            self.variables[name.text] = value
            return value
        return self._whole()

    def _whole(self):
        value = self._expression(0, 0)
        rest = self._peek()
        if rest.kind != "end":
            raise CalculatorError(f"{rest.text!r} doesn't belong here", rest.position)
        return value

    def _peek(self):
        return self._tokens[self._next]

    def _take(self):
        token = self._tokens[self._next]
        self._next += token.kind != "end"
        return token

    def _expect(self, text):
        token = self._take()
        if token.text != text or token.kind == "end":
            raise CalculatorError(f"{text!r} is missing", token.position)

    def _expression(self, power, depth):
        if depth > MAX_DEPTH:
            raise CalculatorError("nested too deeply", self._peek().position)
        value = self._operand(depth)
        while True:
            token = self._peek()
            if token.text not in OPERATORS or token.kind != "sign":
                return value
            left, right, apply = OPERATORS[token.text]
            if left < power:
                return value
            self._take()
            value = checked(apply, (value, self._expression(right, depth + 1)), token)

    def _operand(self, depth):
        token = self._take()
        if token.kind == "number":
            return checked(float, (token.text,), token)
        if token.kind == "name":
            return self._name(token, depth)
        if token.text in ("-", "+"):
            value = self._expression(SIGN_POWER, depth + 1)
            return -value if token.text == "-" else value
        if token.text == "(":
            value = self._expression(0, depth + 1)
            self._expect(")")
            return value
        raise CalculatorError("a value is missing", token.position)

    def _name(self, token, depth):
        if self._peek().text == "(" and token.text in FUNCTIONS:
            return self._call(token, depth)
        for values in (self.variables, CONSTANTS):
            if token.text in values:
                return values[token.text]
        raise CalculatorError(f"{token.text} is unknown", token.position)

    def _call(self, token, depth):
        count, apply = FUNCTIONS[token.text]
        self._expect("(")
        values = [self._expression(0, depth + 1)]
        while self._peek().text == ",":
            self._take()
            values.append(self._expression(0, depth + 1))
        self._expect(")")
        if count is not None and len(values) != count:
            raise CalculatorError(f"{token.text} takes {count} value", token.position)
        if len(values) == 1 and count is None:
            return values[0]
        return checked(apply, values, token)


def checked(apply, values, token):
    """The result as a finite number. Raises CalculatorError at the token."""
    try:
        result = apply(*values)
    except ZeroDivisionError:
        raise CalculatorError("division by zero", token.position) from None
    except (OverflowError, ValueError):
        raise CalculatorError("the result isn't a number", token.position) from None
    if isinstance(result, complex) or not math.isfinite(result):
        raise CalculatorError("the result isn't a number", token.position)
    return float(result)


def shown(value):
    """A value as a person would write it: whole numbers without a point."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.12g}"
