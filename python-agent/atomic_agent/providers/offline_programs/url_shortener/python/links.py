"""Short links: codes, rules and the store, without any HTTP."""

import re
import string
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
CODE_SPACE = 62 ** 6
MAX_URL = 2048
MAX_EXPIRY = 31_536_000
ALIAS = re.compile(r"[A-Za-z0-9_-]{3,32}")
RESERVED = {"links"}


class InvalidLink(ValueError):
    """A link that can't be made; the text says why."""


class AliasTaken(Exception):
    """The alias belongs to another link."""


class Expired(Exception):
    """The link was there and has run out."""


@dataclass
class Link:
    code: str
    url: str
    expires_at: float | None = None
    visits: int = 0


def encode(number):
    """A number from 0 in base 62."""
    digits = ""
    while True:
        number, digit = divmod(number, 62)
        digits = ALPHABET[digit] + digits
        if number == 0:
            return digits


def code_of(number):
    """The code of the n-th link. Different for each n below 62**6, and not in sequence."""
    for _ in range(5):  # 61 has no factor in common with 62**6, so each step can be undone
        number = number * 61 + 41
        number %= CODE_SPACE
    return encode(number).rjust(6, ALPHABET[0])


def checked_url(url):
    """The address, trimmed. Raises InvalidLink."""
    if not isinstance(url, str) or len(url) > MAX_URL:
        raise InvalidLink(f"url must be text of at most {MAX_URL} characters")
    url = url.strip()
    if any(character <= " " or character == "\x7f" for character in url):
        raise InvalidLink("url must not hold spaces or control characters")
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        valid = False
    if not valid:
        raise InvalidLink("url must be an http or https address")
    return url


class LinkStore:
    """Links in memory, safe to use from several threads. `clock` gives seconds since 1970."""

    def __init__(self, clock=time.time):
        self._clock = clock
        self._links = {}
        self._plain = {}  # address -> code, for links without options
        self._count = 0
        self._lock = threading.Lock()

    def add(self, url, alias=None, expires_in=None):
        """(link, whether it is new). Raises InvalidLink or AliasTaken."""
        url = checked_url(url)
        if alias is not None and not (isinstance(alias, str) and ALIAS.fullmatch(alias)
                                      and alias not in RESERVED):
            raise InvalidLink("alias must be 3 to 32 letters, digits, - or _")
        if expires_in is not None and (type(expires_in) is not int
                                       or not 1 <= expires_in <= MAX_EXPIRY):
            raise InvalidLink(f"expires_in must be whole seconds from 1 to {MAX_EXPIRY}")
        plain = alias is None and expires_in is None
        with self._lock:
            if plain and url in self._plain:
                return self._links[self._plain[url]], False
            if alias in self._links:
                raise AliasTaken(alias)
            code = alias or self._free_code()
            expires_at = None if expires_in is None else self._clock() + expires_in
            link = self._links[code] = Link(code, url, expires_at)
            if plain:
                self._plain[url] = code
            return link, True

    def get(self, code):
        """The link. Raises KeyError or Expired."""
        link = self._links[code]
        if link.expires_at is not None and self._clock() >= link.expires_at:
            raise Expired(code)
        return link

    def visit(self, code):
        """The address of a code, counted as a visit. Raises KeyError or Expired."""
        with self._lock:
            link = self.get(code)
            link.visits += 1
            return link.url

    def remove(self, code):
        """Raises KeyError."""
        with self._lock:
            link = self._links.pop(code)
            if self._plain.get(link.url) == code:
                del self._plain[link.url]

    def _free_code(self):
        while True:
            self._count += 1
            code = code_of(self._count)
            if code not in self._links:  # an alias may look like a code
                return code
