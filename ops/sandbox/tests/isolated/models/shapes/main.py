import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import Enum, IntFlag, auto
from typing import NamedTuple, Optional


class Colour(Enum):
    RED = "red"
    BLUE = "blue"

    @property
    def short(self):
        return self.value[0]


class Access(IntFlag):
    READ = auto()
    WRITE = auto()


class Shape(ABC):
    def __init__(self, name: str = "shape"):
        self.name = name

    @abstractmethod
    def area(self) -> float:
        """The area."""

    def describe(self) -> str:
        return f"{self.name} of {self.area():.2f}"


class Circle(Shape):
    def __init__(self, radius: float):
        super().__init__("circle")
        if radius < 0:
            raise ValueError("radius must not be negative")
        self.radius = radius

    def area(self) -> float:
        return math.pi * self.radius ** 2


class Square(Shape):
    def __init__(self, side):
        super().__init__("square")
        self.side = side

    def area(self):
        return self.side ** 2


class Point(NamedTuple):
    x: int
    y: int = 0

    def moved(self, dx, dy):
        return Point(self.x + dx, self.y + dy)


@dataclass(frozen=True)
class Line:
    start: Point
    end: Point

    @property
    def length(self):
        return math.dist(self.start, self.end)


@dataclass(order=True)
class Version:
    major: int
    minor: int = 0
    label: Optional[str] = field(default=None, compare=False)

    def __post_init__(self):
        if self.major < 0:
            raise ValueError("negative version")


class Handler:
    def handle(self, text):
        return self.prepare(text).upper()

    def prepare(self, text):
        return text


class ParseError(Exception):
    """What can't be parsed."""

    def __init__(self, message, line=0):
        super().__init__(message)
        self.line = line


def total(shapes):
    return sum(shape.area() for shape in shapes)


def run(handler, text):
    return handler.handle(text)


def parse(text):
    if not text:
        raise ParseError("empty", line=3)
    return text.split()
