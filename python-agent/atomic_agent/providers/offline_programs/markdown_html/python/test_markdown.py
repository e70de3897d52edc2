import io
import sys

import pytest

from main import inline, main, to_html

FENCE = "`" * 3


@pytest.mark.parametrize("text, html", [
    ("# One", "<h1>One</h1>\n"),
    ("###### Six ######", "<h6>Six</h6>\n"),
    ("####### seven", "<p>####### seven</p>\n"),
    ("#no", "<p>#no</p>\n"),
    ("one\ntwo\n\nthree", "<p>one\ntwo</p>\n<p>three</p>\n"),
    ("one  \ntwo", "<p>one<br>\ntwo</p>\n"),
    ("---\n***\n_ _ _", "<hr>\n<hr>\n<hr>\n"),
    ("text\r\n# Title\r\n", "<p>text</p>\n<h1>Title</h1>\n"),
    ("", ""), ("\n  \n", ""),
])
def test_blocks(text, html):
    assert to_html(text) == html


@pytest.mark.parametrize("text, html", [
    ("- a\n- b *c*", "<ul>\n<li>a</li>\n<li>b <em>c</em></li>\n</ul>\n"),
    ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n"),
    ("7) a", '<ol start="7">\n<li>a</li>\n</ol>\n'),
    ("- a\n  goes on\n- b", "<ul>\n<li>a\ngoes on</li>\n<li>b</li>\n</ul>\n"),
    ("- a\n\ntext", "<ul>\n<li>a</li>\n</ul>\n<p>text</p>\n"),
    ("- a\n1. b", "<ul>\n<li>a</li>\n</ul>\n<ol>\n<li>b</li>\n</ol>\n"),
])
def test_lists(text, html):
    assert to_html(text) == html


def test_quotes_can_be_nested():
    assert to_html("> a\n> > b") == (
        "<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n</blockquote>\n")


def test_code_is_kept_as_it_is():
    source = f"{FENCE}python\nif a < b:\n    print('*x*')\n\n# no heading\n{FENCE}\nafter"
    assert to_html(source) == (
        '<pre><code class="language-python">if a &lt; b:\n    print(&#x27;*x*&#x27;)\n\n'
        "# no heading\n</code></pre>\n<p>after</p>\n")


def test_a_fence_that_is_never_closed_ends_with_the_text():
    assert to_html(f"{FENCE}\ncode") == "<pre><code>code\n</code></pre>\n"


def test_a_longer_fence_can_hold_a_shorter_one():
    assert to_html(f"{FENCE}`\n{FENCE}\n{FENCE}`") == f"<pre><code>{FENCE}\n</code></pre>\n"


@pytest.mark.parametrize("text, html", [
    ("**a** and *b*", "<strong>a</strong> and <em>b</em>"),
    ("***both***", "<strong><em>both</em></strong>"),
    ("2 * 3 * 4", "2 * 3 * 4"),
    ("`a < *b*`", "<code>a &lt; *b*</code>"),
    ("``a ` b``", "<code>a ` b</code>"),
    (r"\*not\* \\ \[x](y)", "*not* \\ [x](y)"),
    ("[a *b*](http://x.org/?a=1&b=2)", '<a href="http://x.org/?a=1&amp;b=2">a <em>b</em></a>'),
    ("[top](#top) [m](mailto:a@b.c)", '<a href="#top">top</a> <a href="mailto:a@b.c">m</a>'),
    ("größer 🙂", "größer 🙂"),
])
def test_spans(text, html):
    assert inline(text) == html


@pytest.mark.parametrize("text", [
    "<script>alert(1)</script>", "[x](javascript:alert)", "[x](JAVASCRIPT:alert)",
    "[x](data:text/html,hi)", '[x](http://a"onclick=alert)', "**<b>**", "`<i>`", "# <h1>", "> <p>",
    "[<img>](http://a)", "[x](http://[)",
])
def test_nothing_of_the_source_becomes_live_html(text):
    html = to_html(text)
    for danger in ("<script", "javascript:", "JAVASCRIPT:", "data:text", '"onclick', "<b>", "<i>",
                   "<img"):
        assert danger not in html
    assert "<h1><h1>" not in html and "<p><p>" not in html


def test_a_file_and_standard_input_are_read(tmp_path, capsys, monkeypatch):
    path = tmp_path / "a.md"
    path.write_text("# Hi", encoding="utf-8")
    assert main([str(path)]) == 0
    monkeypatch.setattr(sys, "stdin", io.StringIO("*hi*"))
    assert main([]) == 0
    assert capsys.readouterr().out == "<h1>Hi</h1>\n<p><em>hi</em></p>\n"
    assert main([str(tmp_path / "missing.md")]) == 2
