import copy
import dataclasses
import inspect
import math
import pickle
from collections.abc import Iterable, Sequence
from unittest.mock import Mock

import pytest

from main import (Access, Circle, Colour, Handler, Line, ParseError, Point, Shape, Square, Version, parse, run,
                  total)


def test_abstract():
    with pytest.raises(TypeError):
        Shape()


def test_classes():
    assert issubclass(Circle, Shape)
    assert isinstance(Circle(1), Shape)


def test_areas():
    assert Circle(1).area() == pytest.approx(math.pi)
    assert total([Circle(0), Square(2)]) == 4
    assert Circle(2).describe() == "circle of 12.57"


def test_refused():
    with pytest.raises(ValueError, match="negative"):
        Circle(-1)


def test_a_shape_of_the_test():
    class Triangle(Shape):
        def __init__(self, base, height):
            super().__init__("triangle")
            self.base, self.height = base, height

        def area(self):
            return self.base * self.height / 2

    triangle = Triangle(4, 3)
    assert triangle.area() == 6
    assert triangle.describe() == "triangle of 6.00"
    assert total([triangle, Square(1)]) == 7
    assert isinstance(triangle, Shape)


def test_incomplete_shape():
    class Nothing(Shape):
        pass

    with pytest.raises(TypeError):
        Nothing()


def test_a_handler_of_the_test():
    class Trimmed(Handler):
        def prepare(self, text):
            return super().prepare(text).strip()

    assert run(Trimmed(), "  a ") == "A"
    assert Trimmed().handle(" b") == "B"


def test_an_error_of_the_test():
    class Worse(ParseError):
        pass

    with pytest.raises(ParseError) as caught:
        raise Worse("bad", line=2)
    assert caught.value.line == 2


def test_enums():
    assert Colour("red") is Colour.RED
    assert Colour.RED.name == "RED" and Colour.BLUE.value == "blue"
    assert [each.value for each in Colour] == ["red", "blue"]
    assert Colour.RED.short == "r" and len(Colour) == 2
    assert Colour.RED != Colour.BLUE
    assert {Colour.RED: 1}[Colour.RED] == 1
    assert isinstance(Colour.RED, Colour)
    with pytest.raises(ValueError):
        Colour("green")


def test_flags():
    assert Access.READ | Access.WRITE == 3
    assert Access.READ in (Access.READ | Access.WRITE)


def test_points():
    point = Point(1)
    assert point == (1, 0) and point.y == 0
    assert point.moved(1, 2) == Point(2, 2)
    assert point._replace(x=5) == (5, 0)
    assert point._asdict() == {"x": 1, "y": 0}
    x, y = point
    assert (x, y) == (1, 0)


def test_lines():
    line = Line(Point(0, 0), Point(3, 4))
    assert line.length == 5
    assert line == Line(Point(0, 0), Point(3, 4))
    with pytest.raises(dataclasses.FrozenInstanceError):
        line.start = Point(1, 1)


def test_lines_are_hashable():
    assert len({Line(Point(0, 0), Point(1, 1)), Line(Point(0, 0), Point(1, 1))}) == 1


def test_versions_in_order():
    versions = [Version(2), Version(1, 5), Version(1, 2)]
    assert [(each.major, each.minor) for each in sorted(versions)] == [(1, 2), (1, 5), (2, 0)]
    assert max(versions).major == 2
    assert Version(1, 2) < Version(1, 3)


def test_versions_equal():
    assert Version(1, 2, "a") == Version(1, 2, "b")
    assert Version(1) != Version(2)


def test_version_refused():
    with pytest.raises(ValueError):
        Version(-1)


def test_dataclass_functions():
    version = Version(1, 2, "x")
    assert dataclasses.is_dataclass(version)
    assert dataclasses.asdict(version) == {"major": 1, "minor": 2, "label": "x"}
    assert dataclasses.astuple(version) == (1, 2, "x")
    assert [each.name for each in dataclasses.fields(Version)] == ["major", "minor", "label"]
    assert dataclasses.replace(version, minor=9).minor == 9
    assert repr(version) == "Version(major=1, minor=2, label='x')"


def test_copies():
    version = Version(1, 2)
    other = copy.deepcopy(version)
    other.minor = 5
    assert version.minor == 2 and copy.copy(version).minor == 2


def test_signature():
    parameters = inspect.signature(Circle.__init__).parameters
    assert "radius" in parameters
    assert list(inspect.signature(parse).parameters) == ["text"]
    assert callable(parse) and inspect.isfunction(parse) and inspect.isclass(Circle)


def test_docs():
    assert ParseError.__doc__ and Shape.area.__doc__ == "The area."


def test_errors():
    with pytest.raises(ParseError) as caught:
        parse("")
    assert caught.value.line == 3 and str(caught.value) == "empty"
    assert isinstance(caught.value, Exception)


def test_words():
    words = parse("a b")
    assert isinstance(words, list) and isinstance(words, Sequence) and isinstance(words, Iterable)


def test_mock_with_spec():
    shape = Mock(spec=Shape)
    shape.area.return_value = 2
    assert total([shape, shape]) == 4
    assert isinstance(shape, Shape)
