"""Compares two JSON files, or applies a patch to one."""

import argparse
import json
import sys

from jsonpatch import PatchError, apply, diff

EXAMPLE = ({"name": "lamp", "tags": ["old"]}, {"name": "lamp", "tags": ["old", "oil"], "lit": True})


def read(name):
    with open(name, encoding="utf-8") as file:
        return json.load(file)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="The difference of two JSON files as a patch.")
    parser.add_argument("before", nargs="?", help="without files, an example is compared")
    parser.add_argument("after", nargs="?")
    parser.add_argument("--apply", metavar="PATCH", help="apply a patch to the first file instead")
    options = parser.parse_args(arguments)
    if options.before is None:
        print(json.dumps(diff(*EXAMPLE), indent=2))
        return 0
    if (options.after is None) == (options.apply is None):
        parser.error("two files, or one file and --apply")
    try:
        if options.apply:
            result, code = apply(read(options.before), read(options.apply)), 0
        else:
            result = diff(read(options.before), read(options.after))
            code = 1 if result else 0
    except (OSError, ValueError, PatchError) as problem:
        print(problem, file=sys.stderr)
        return 2
    print(json.dumps(result, indent=2, ensure_ascii=False))
    return code


if __name__ == "__main__":
    sys.exit(main())
