"""Tokens of TorchScript text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

NAME = "name"
STRING = "string"
OTHER = "other"

_TOKEN = re.compile(
    r"""(?P<newline>\n)
    | (?P<blank>[^\S\n]+|\#[^\n]*|\\\n)
    | (?P<string>[rRbBuUfF]{0,2}(?:'''(?s:[^\\]|\\.)*?'''|\"\"\"(?s:[^\\]|\\.)*?\"\"\"
        |'(?:[^'\\\n]|\\(?s:.))*'|"(?:[^"\\\n]|\\(?s:.))*"))
    | (?P<name>[^\W\d]\w*)
    | (?P<number>\d[\w.]*)
    | (?P<other>.)""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))", re.DOTALL)
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


class Token(NamedTuple):
    """A name, a string, or one other character.

    Attributes:
        kind: ``NAME``, ``STRING`` or ``OTHER`` (numbers among them).
        text: As written.
        line: Line, from 1.
        column: Column, from 0, of the first token of a line; -1 for the others.
    """

    kind: str
    text: str
    line: int
    column: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text; nothing is an error."""
    line, start, first = 1, 0, True
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind == "newline":
            line, start, first = line + 1, match.end(), True
            continue
        found = match[0]
        if kind != "blank":
            known = kind if kind in (NAME, STRING) else OTHER
            yield Token(known, found, line, match.start() - start if first else -1)
            first = False
        line += found.count("\n")


def unquote(token: str) -> str:
    """Return the text that a string token stands for; unknown escapes lose their backslash."""
    body = token.lstrip("rRbBuUfF")
    width = 3 if body[:3] in ("'''", '"""') and len(body) >= 6 else 1
    return _ESCAPE.sub(_unescape, body[width:-width])


def _unescape(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    if match[2]:
        return chr(int(match[2], 8))
    return _NAMED.get(match[3], match[3])
