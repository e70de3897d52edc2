"""A useful part of Markdown to safe HTML."""

import re
import sys
from html import escape
from urllib.parse import urlsplit

SAFE_SCHEMES = {"", "http", "https", "mailto"}
FENCE = re.compile(r"(`{3,})\s*([\w+-]*)\s*$")
HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
RULE = re.compile(r"\s{0,3}([-*_])(\s*\1){2,}\s*$")
BULLET = re.compile(r"[-*+]\s+(.*)")
NUMBER = re.compile(r"(\d{1,9})[.)]\s+(.*)")
INLINE = re.compile(
    r"\\(?P<literal>[!-/:-@\[-`{-~])"
    r"|(?P<ticks>`+)(?P<code>.+?)(?P=ticks)(?!`)"
    r"|\[(?P<label>[^\[\]]+)\]\((?P<address>[^\s()]*)\)"
    r"|\*\*(?=\S)(?P<strong>.+?)(?<=\S)\*\*(?!\*)"
    r"|\*(?=\S)(?P<emphasis>.+?)(?<=\S)\*"
    r"|(?P<break>[ ]{2,}\n)",
    re.DOTALL,
)


def to_html(text):
    """The HTML of a Markdown text, one block a line."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).split("\n")
    return "\n".join(blocks(lines)) + "\n" if text.strip() else ""


def blocks(lines):
    """Yields the HTML of each block."""
    position = 0
    while position < len(lines):
        line = lines[position]
        if not line.strip():
            position += 1
        elif fence := FENCE.match(line):
            position, html = code_block(lines, position, *fence.groups())
            yield html
        elif RULE.match(line):
            position += 1
            yield "<hr>"
        elif heading := HEADING.match(line):
            position += 1
            level = len(heading[1])
            yield f"<h{level}>{inline(heading[2])}</h{level}>"
        elif line.startswith(">"):
            position, inner = take_while(lines, position, lambda one: one.startswith(">"))
            quoted = [re.sub(r"^>\s?", "", one) for one in inner]
            yield "<blockquote>\n" + "\n".join(blocks(quoted)) + "\n</blockquote>"
        elif BULLET.match(line) or NUMBER.match(line):
            position, html = list_block(lines, position)
            yield html
        else:
            position, inner = take_while(lines, position, lambda one: not begins_block(one), 1)
            yield f"<p>{inline(chr(10).join(inner).strip())}</p>"


def begins_block(line):
    return (not line.strip() or line.startswith(">")
            or any(kind.match(line) for kind in (FENCE, RULE, HEADING, BULLET, NUMBER)))


def take_while(lines, position, belongs, at_least=0):
    """(position after, lines) of the lines that belong together."""
    end = position + at_least
    while end < len(lines) and belongs(lines[end]):
        end += 1
    return end, lines[position:end]


def code_block(lines, position, fence, language):
    end = position + 1
    while end < len(lines) and not re.fullmatch(f"{fence}`*\\s*", lines[end]):
        end += 1
    content = "".join(line + "\n" for line in lines[position + 1:end])
    kind = f' class="language-{escape(language)}"' if language else ""
    return end + 1, f"<pre><code{kind}>{escape(content)}</code></pre>"


def list_block(lines, position):
    """Items of one kind; a line that begins no block goes on with the item before it."""
    kind, tag = (BULLET, "ul") if BULLET.match(lines[position]) else (NUMBER, "ol")
    first = kind.match(lines[position])
    start = f' start="{int(first[1])}"' if tag == "ol" and int(first[1]) != 1 else ""
    items = []
    while position < len(lines):
        item = kind.match(lines[position])
        if item and not RULE.match(lines[position]):
            items.append(item[item.lastindex])
        elif begins_block(lines[position]):
            break
        else:
            items[-1] += "\n" + lines[position].strip()
        position += 1
    inner = "\n".join(f"<li>{inline(item)}</li>" for item in items)
    return position, f"<{tag}{start}>\n{inner}\n</{tag}>"


def inline(text):
    """The HTML of text within a block."""
    parts, position = [], 0
    for found in INLINE.finditer(text):
        parts.append(escape(text[position:found.start()]))
        parts.append(span(found))
        position = found.end()
    return "".join(parts) + escape(text[position:])


def span(found):
    match found.lastgroup:
        case "literal":
            return escape(found["literal"])
        case "code":
            return f"<code>{escape(found['code'].strip())}</code>"
        case "address":
            return link(found["label"], found["address"])
        case "strong":
            return f"<strong>{inline(found['strong'])}</strong>"
        case "emphasis":
            return f"<em>{inline(found['emphasis'])}</em>"
    return "<br>\n"


def link(label, address):
    try:
        scheme = urlsplit(address).scheme
    except ValueError:
        return inline(label)
    if scheme in SAFE_SCHEMES:
        return f'<a href="{escape(address)}">{inline(label)}</a>'
    return inline(label)


def main(arguments):
    try:
        if arguments:
            with open(arguments[0], encoding="utf-8") as file:
                text = file.read()
        else:
            text = sys.stdin.read()
    except (OSError, UnicodeDecodeError) as problem:
        print(problem, file=sys.stderr)
        return 2
    sys.stdout.write(to_html(text))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
