"""JSON Patch (RFC 6902): making one from two documents, and applying one."""

from copy import deepcopy


class PatchError(Exception):
    """A patch that can't be applied; the text says which operation and why."""


def pointer(keys):
    """A JSON pointer (RFC 6901) of keys and indexes."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def keys_of(text):
    """The keys of a JSON pointer, all as text."""
    if text == "":
        return []
    if not isinstance(text, str) or not text.startswith("/"):
        raise PatchError(f"not a pointer: {text!r}")
    return [part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/")]


def equal(first, second):
    """Whether two values are the same JSON; true is no number."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(equal(first[k], second[k]) for k in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(equal, first, second))
    return type(first) is type(second) and first == second or (
        is_number(first) and is_number(second) and first == second)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def diff(before, after):
    """The patch that makes `after` of `before`."""
    return list(_diff(before, after, ()))


def _diff(before, after, path):
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() - after.keys()):
            yield {"op": "remove", "path": pointer((*path, key))}
        for key in sorted(before.keys() & after.keys()):
            yield from _diff(before[key], after[key], (*path, key))
        for key in sorted(after.keys() - before.keys()):
            yield {"op": "add", "path": pointer((*path, key)), "value": after[key]}
    elif isinstance(before, list) and isinstance(after, list):
        common = min(len(before), len(after))
        for index in range(common):
            yield from _diff(before[index], after[index], (*path, index))
        for index in reversed(range(common, len(before))):
            yield {"op": "remove", "path": pointer((*path, index))}
        for index in range(common, len(after)):
            yield {"op": "add", "path": pointer((*path, index)), "value": after[index]}
    elif not equal(before, after):
        yield {"op": "replace", "path": pointer(path), "value": after}


def apply(document, patch):
    """The patched copy of a document. Raises PatchError; the document itself never changes."""
    if not isinstance(patch, list):
        raise PatchError("a patch is a list")
    holder = {"": deepcopy(document)}  # so that the document itself has a place, too
    for number, operation in enumerate(patch, 1):
        try:
            _apply_one(holder, operation)
        except PatchError as problem:
            raise PatchError(f"operation {number}: {problem}") from None
    return holder[""]


def _apply_one(holder, operation):
    match operation:
        case {"op": "add", "path": path, "value": value}:
            _add(holder, path, deepcopy(value))
        case {"op": "remove", "path": path}:
            _remove(holder, path)
        case {"op": "replace", "path": path, "value": value}:
            parent, key = _place(holder, path)
            parent[_existing(parent, key)] = deepcopy(value)
        case {"op": "test", "path": path, "value": value}:
            if not equal(_get(holder, path), value):
                raise PatchError(f"{path} has another value")
        case {"op": "copy", "path": path, "from": source}:
            _add(holder, path, deepcopy(_get(holder, source)))
        case {"op": "move", "path": path, "from": source}:
            if path.startswith(source + "/"):
                raise PatchError("a value can't be moved into itself")
            value = _get(holder, source)
            _remove(holder, source)
            _add(holder, path, value)
        case _:
            raise PatchError("not an operation")


def _place(holder, path):
    """(what holds the last key of a path, that key)."""
    *above, last = ["", *keys_of(path)]
    value = holder
    for key in above:
        value = value[_existing(value, key)]
    return value, last


def _existing(parent, key):
    """The key or index that is there. Raises PatchError if nothing is."""
    if isinstance(parent, dict) and key in parent:
        return key
    if isinstance(parent, list) and _is_index(key) and int(key) < len(parent):
        return int(key)
    raise PatchError(f"there is no {key!r}")


def _is_index(key):
    return key.isascii() and key.isdigit() and (key == "0" or not key.startswith("0"))


def _get(holder, path):
    parent, key = _place(holder, path)
    return parent[_existing(parent, key)]


def _add(holder, path, value):
    parent, key = _place(holder, path)
    if isinstance(parent, dict):
        parent[key] = value
    elif isinstance(parent, list) and key == "-":
        parent.append(value)
    elif isinstance(parent, list) and _is_index(key) and int(key) <= len(parent):
        parent.insert(int(key), value)
    else:
        raise PatchError(f"there is no place {key!r}")


def _remove(holder, path):
    if path == "":
        raise PatchError("the whole document can't be removed")
    parent, key = _place(holder, path)
    del parent[_existing(parent, key)]
