"""What the readers of credential files have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..model import Likelihood
from ..placeholders import stand_in
from .kinds import marked, named

MOST_HITS = 2_000
_LEAST, _LONGEST = 3, 4_096


class FileHit(NamedTuple):
    """A credential in a file whose name says where it keeps them.

    Attributes:
        type: Name of the info type.
        rule: Id of the reader, ``file-`` and its name.
        start: Byte offset of the value in the file.
        end: Offset behind it.
        likelihood: How likely it is.
    """

    type: str
    rule: str
    start: int
    end: int
    likelihood: Likelihood


Parser = Callable[[bytes], Iterator[FileHit]]

_SECRET = re.compile(
    r"(?:pass(?:w(?:or)?d|wd|phrase|code)?|pwd|secrets?(?:[_.-]?(?:key(?:[_.-]?base)?|id))?|token"
    r"|api[_.-]?key|_auth|auth[_.-]?key|credentials?|salt|webhook(?:[_.-]?url)?|key[_.-]?data"
    r"|(?:access|account|private|encryption|app|master|storage|signing|client|license|auth|session"
    r"|nonce|logged_in|secure_auth|api|service)[_.-]?(?:key|secret|salt|token))\d{0,3}$",
    re.IGNORECASE,
)
_PUBLIC = re.compile(r"public|_id$|(?:csrf|xsrf|next|page|sync|continuation)[_-]?token", re.I)


def is_secret_name(name: str) -> bool:
    """Tell whether a key of a settings file names a secret."""
    return _SECRET.search(name) is not None and _PUBLIC.search(name) is None


def value_hit(
    data: bytes, start: int, end: int, rule: str, name: str = "", kind: str = ""
) -> Iterator[FileHit]:
    """Yield a hit for a value, unless something stands in for it or a provider's rule finds it.

    Args:
        data: The file.
        start: Offset of the value.
        end: Offset behind it.
        rule: Name of the reader.
        name: Key that the value has, which may tell its type.
        kind: Its type where that is known.
    """
    if not _LEAST <= end - start <= _LONGEST:
        return
    value = data[start:end]
    if stand_in(value.decode("utf-8", "replace")) or marked(value):
        return
    yield FileHit(kind or named(name), f"file-{rule}", start, end, Likelihood.VERY_LIKELY)


def by_pattern(pattern: bytes, rule: str, kind: str = "GENERIC_SECRET") -> Parser:
    """Return a parser for a pattern whose group ``value`` is the secret.

    Args:
        pattern: In which repetition is bounded, or ends at the end of the line.
        rule: Name of the reader.
        kind: Type of what it finds.
    """
    compiled = re.compile(pattern, re.MULTILINE | re.IGNORECASE)

    def parse(data: bytes) -> Iterator[FileHit]:
        for match in compiled.finditer(data):
            yield from value_hit(data, *match.span("value"), rule, kind=kind)

    return parse


def both(*parsers: Parser) -> Parser:
    """Return a parser that yields what each of these finds."""

    def parse(data: bytes) -> Iterator[FileHit]:
        for parser in parsers:
            yield from parser(data)

    return parse
