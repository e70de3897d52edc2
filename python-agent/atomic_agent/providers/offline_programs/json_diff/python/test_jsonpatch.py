import json
import random
from copy import deepcopy

import pytest

from jsonpatch import PatchError, apply, diff, equal
from main import main


@pytest.mark.parametrize("before, after, patch", [
    ({"a": 1}, {"a": 1}, []),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
    ({"a": 1}, {"a": 2}, [{"op": "replace", "path": "/a", "value": 2}]),
    ({"a": 1}, {}, [{"op": "remove", "path": "/a"}]),
    ({}, {"a": None}, [{"op": "add", "path": "/a", "value": None}]),
    ([1, 2, 3], [1, 9],
     [{"op": "replace", "path": "/1", "value": 9}, {"op": "remove", "path": "/2"}]),
    ([1], [1, 2, 3],
     [{"op": "add", "path": "/1", "value": 2}, {"op": "add", "path": "/2", "value": 3}]),
    ({"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 2}]}},
     [{"op": "replace", "path": "/a/b/0/c", "value": 2}]),
    ({"a/b": 1, "m~n": 1}, {"a/b": 2, "m~n": 2},
     [{"op": "replace", "path": "/a~1b", "value": 2},
      {"op": "replace", "path": "/m~0n", "value": 2}]),
    ([], {}, [{"op": "replace", "path": "", "value": {}}]),
    (1, True, [{"op": "replace", "path": "", "value": True}]),
    (1, 1.0, []), (0, False, [{"op": "replace", "path": "", "value": False}]),
])
def test_a_difference_is_written_as_a_patch(before, after, patch):
    assert diff(before, after) == patch
    assert equal(apply(before, patch), after)


def any_value(chance, depth=0):
    kind = chance.randrange(7 if depth < 4 else 5)
    if kind < 5:
        return [None, chance.random() < 0.5, chance.randrange(5), 1.5, chance.choice("ab~/")][kind]
    if kind == 5:
        return [any_value(chance, depth + 1) for _ in range(chance.randrange(5))]
    return {chance.choice(["a", "b", "", "~", "a/b", "0", "~1"]): any_value(chance, depth + 1)
            for _ in range(chance.randrange(5))}


def test_the_patch_of_any_two_documents_makes_one_of_the_other():
    chance = random.Random(11)
    for _ in range(1500):
        before, after = any_value(chance), any_value(chance)
        kept = deepcopy(before)
        assert equal(apply(before, diff(before, after)), after)
        assert equal(before, kept)


@pytest.mark.parametrize("document, operation, result", [
    ({"a": [1, 2]}, {"op": "add", "path": "/a/1", "value": 9}, {"a": [1, 9, 2]}),
    ({"a": [1]}, {"op": "add", "path": "/a/-", "value": 2}, {"a": [1, 2]}),
    ({"a": 1}, {"op": "copy", "from": "/a", "path": "/b"}, {"a": 1, "b": 1}),
    ({"a": {"x": 1}}, {"op": "move", "from": "/a/x", "path": "/y"}, {"a": {}, "y": 1}),
    ({"a": 1}, {"op": "test", "path": "/a", "value": 1.0}, {"a": 1}),
    ({"": 1}, {"op": "replace", "path": "/", "value": 2}, {"": 2}),
])
def test_every_operation_can_be_applied(document, operation, result):
    assert apply(document, [operation]) == result


@pytest.mark.parametrize("operation", [
    {"op": "remove", "path": "/x"}, {"op": "replace", "path": "/x", "value": 1},
    {"op": "add", "path": "/list/9", "value": 1}, {"op": "add", "path": "/list/01", "value": 1},
    {"op": "add", "path": "/a/b", "value": 1}, {"op": "test", "path": "/a", "value": True},
    {"op": "move", "from": "/list", "path": "/list/0"}, {"op": "remove", "path": ""},
    {"op": "remove", "path": "a"}, {"op": "dance", "path": "/a"}, {"op": "add", "path": "/b"}, 5,
])
def test_what_can_not_be_applied_is_refused_and_changes_nothing(operation):
    document = {"a": 1, "list": [1]}
    with pytest.raises(PatchError, match="operation 2"):
        apply(document, [{"op": "add", "path": "/new", "value": 1}, operation])
    assert document == {"a": 1, "list": [1]}


def test_a_patched_copy_shares_nothing_with_patch_or_document():
    patch = [{"op": "add", "path": "/a", "value": []}]
    first = apply({}, patch)
    first["a"].append(1)
    assert patch[0]["value"] == []


def test_the_command_ends_like_diff_does(tmp_path, capsys):
    def file(name, value):
        (tmp_path / name).write_text(json.dumps(value), encoding="utf-8")
        return str(tmp_path / name)

    one, two = file("1.json", {"a": 1}), file("2.json", {"a": 2})
    assert main([one, one]) == 0
    assert capsys.readouterr().out == "[]\n"
    assert main([one, two]) == 1
    patch = file("patch.json", json.loads(capsys.readouterr().out))
    assert main([one, "--apply", patch]) == 0
    assert json.loads(capsys.readouterr().out) == {"a": 2}
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    assert main([one, str(tmp_path / "bad.json")]) == 2
