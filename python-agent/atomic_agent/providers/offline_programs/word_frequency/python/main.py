"""Counts the words of texts."""

import argparse
import re
import sys
import unicodedata
from collections import Counter

# Letters and digits, with single apostrophes or hyphens inside.
WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u2010": "-", "\u2011": "-"})


def words_of(text):
    """The words of a text, without case."""
    plain = unicodedata.normalize("NFC", text).translate(APOSTROPHES)
    return [word.casefold() for word in WORD.findall(plain) if any(map(str.isalpha, word))]


def count(lines, min_length=1, ignore=()):
    """How often each word is in the lines."""
    left_out = {word for text in ignore for word in words_of(text)}
    counts = Counter()
    for line in lines:
        counts.update(word for word in words_of(line)
                      if len(word) >= min_length and word not in left_out)
    return counts


def most_frequent(counts, top):
    """(word, count), the highest first, equals by the alphabet."""
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:top]


def table(entries, total):
    width = max((len(word) for word, _ in entries), default=0)
    return [f"{word:<{width}}  {number:>6}  {100 * number / total:5.1f} %"
            for word, number in entries]


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("a number from 1 on is needed")
    return number


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Counts words.")
    parser.add_argument("files", nargs="*", help="texts; without any, standard input")
    parser.add_argument("--top", type=positive, default=10)
    parser.add_argument("--min-length", type=positive, default=1)
    parser.add_argument("--ignore", default="", help="words to leave out, with commas between")
    options = parser.parse_args(arguments)
    counts = Counter()
    ignore = options.ignore.split(",")
    try:
        for name in options.files:
            with open(name, encoding="utf-8", errors="replace") as file:
                counts += count(file, options.min_length, ignore)
        if not options.files:
            counts = count(sys.stdin, options.min_length, ignore)
    except OSError as problem:
        print(f"{problem.filename}: {problem.strerror}", file=sys.stderr)
        return 2
    for line in table(most_frequent(counts, options.top), counts.total()):
        print(line)
    print(f"{counts.total()} words, {len(counts)} different")
    return 0


if __name__ == "__main__":
    sys.exit(main())
