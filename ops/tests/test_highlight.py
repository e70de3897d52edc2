"""The colours of code in a streamed answer."""

import random
import unittest

from cli.highlight import Highlighter

from .fake_api import successful
from .test_client import ClientCase

_ANSWER = '''Here `x` it is.

```python main.py
import os  # a "comment"
def f(a, b):
    """Text
    with ``` inside"""
    return a // b + 0x1F if "it's" else 'no # comment'
x = "unclosed
```

~~~js a.js
const a = `text
${x}`; // a comment
/* two
lines */ if (a) { return 'x' }
~~~
no fence ``` here
'''


def _letters(sizes: random.Random | None) -> list[tuple[str, tuple[str, ...]]]:
    """Each character of the answer with its styles; fed whole, or in pieces of random sizes."""
    highlighter, shown, at = Highlighter(), [], 0
    while at < len(_ANSWER):
        size = len(_ANSWER) if sizes is None else sizes.randint(1, 7)
        shown += highlighter.feed(_ANSWER[at:at + size])
        at += size
    shown += highlighter.end()
    return [(letter, styles) for text, styles in shown for letter in text]


class Colours(unittest.TestCase):
    """Whatever the pieces, the text is the same, and so are its colours."""

    def test_nothing_is_lost_and_pieces_make_no_difference(self) -> None:
        whole = _letters(None)
        self.assertEqual("".join(letter for letter, _ in whole), _ANSWER)
        for seed in range(100):
            self.assertEqual(_letters(random.Random(seed)), whole, seed)

    def test_words_texts_numbers_and_comments_are_told_apart(self) -> None:
        shown = Highlighter().feed(_ANSWER)
        for text, style in (("import", "magenta"), ("return", "magenta"), ('"it\'s"', "green"),
                            ("0x1F", "cyan"), ('# a "comment"', "dim"), ("// a comment", "dim"),
                            ("const", "magenta"), ("lines */", "green"),
                            ("    with ``` inside\"\"\"", "green")):
            self.assertIn((text, (style,)), shown)
        self.assertIn(("no fence ``` here\n", ()), shown)

    def test_hostile_answers_take_time_in_proportion_to_their_length(self) -> None:
        for text in ("```js\n/*" + "*\n" * 500_000, "```python\n" + "\"'" * 300_000,
                     "```python\n\"" + "\\" * 1_000_000, "`" * 1_000_000,
                     "```python\n'''" + "''\n" * 300_000):
            highlighter = Highlighter()
            shown = highlighter.feed(text) + highlighter.end()
            self.assertEqual("".join(piece for piece, _ in shown), text)


class OnATerminal(ClientCase):
    """Where there is colour."""

    def test_code_is_coloured_and_whole(self) -> None:
        self.api.scripts["hello"] = successful(
            "```python main.py\nimport os\nprint('hi')  # now\n```\n")
        _, shown = self.machine.on_a_terminal("generate", "hello")
        for part in ("\x1b[35mimport\x1b[0m os", "\x1b[32m'hi'\x1b[0m", "\x1b[2m# now\x1b[0m"):
            self.assertIn(part, shown)
        _, plain = self.machine.on_a_terminal("generate", "hello", NO_COLOR="1")
        self.assertIn("import os\r\nprint('hi')  # now\r\n", plain)


if __name__ == "__main__":
    unittest.main()
