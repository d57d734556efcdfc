"""A reader of YAML's words: tags, anchors, keys and scalars, without making anything of them.

It follows what PyYAML's scanner takes for a comment, a quoted text, a block of text and a tag, so
that a tag in a comment or a text is none, and one behind an unusual line end or under another
handle is one. Indentation matters only where it ends a block of text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..errors import LimitExceeded

STANDARD = "tag:yaml.org,2002:"
_HANDLES = {"!": "!", "!!": STANDARD}
_MOST = 400_000
_BREAKS = re.compile("\r\n?|[\x85\u2028\u2029]")
_SKIP = re.compile(r"[ \t\ufeff]*(?:(?:(?<=[ \t\n])|\A)#[^\n]*)?\n?")
_DIRECTIVE = re.compile(r"%TAG[ \t]+(!(?:[\w-]*!)?)[ \t]+(\S+)|%[^\n]*")
_MARK = re.compile(r"(?:---|\.\.\.)(?=[\s]|\Z)")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SINGLE = re.compile(r"'((?:[^']|'')*)'", re.DOTALL)
_TAG = re.compile(r"!<([^>\n]*)>|!((?:[\w-]*!)?)([^\s,\[\]{}]*)")
_NAME = re.compile(r"[&*]([^\s,\[\]{}:]+)")
_BLOCK = re.compile(r"[|>]([+-]?)(\d?)[+-]?[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_LINE = re.compile(r"( *)([^\n]*)(?:\n|\Z)")
_PLAIN_END = re.compile(r":(?=[ \t\n]|\Z)|(?<=[ \t])#|\n")
_FLOW_PLAIN_END = re.compile(r":(?=[ \t\n,\[\]{}]|\Z)|(?<=[ \t])#|[\n,\[\]{}]")
_COLON = re.compile(r"[ \t]*:(?=[\s,\[\]{}]|\Z)")
_JSON_COLON = re.compile(r"[ \t\n]*:")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "e": "\x1b", "_": "\xa0", "\n": " "}


class Token(NamedTuple):
    """One word of a YAML text.

    Attributes:
        kind: ``scalar``, ``key`` (a scalar before a colon), ``tag``, ``anchor``, ``alias``,
            ``document`` (a new one begins) or ``stuck`` (the rest cannot be understood).
        text: The scalar as a reader would see it; the tag as a whole address; the name.
        line: Line, from 1.
        column: Column, from 0.
        plain: False for quoted texts and blocks of text.
        depth: How many brackets it stands in.
    """

    kind: str
    text: str
    line: int
    column: int
    plain: bool = True
    depth: int = 0


def decoded(data: bytes) -> str:
    """Return the text of a YAML file, in the encodings that YAML knows."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "replace")


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of a YAML text, in order; what cannot be understood ends it.

    Args:
        text: The text.

    Raises:
        LimitExceeded: There are more than 400,000 words.
    """
    scanner = _Scanner(_BREAKS.sub("\n", text))
    for number, token in enumerate(scanner.run()):
        if number >= _MOST:
            raise LimitExceeded(f"YAML of more than {_MOST} words")
        yield token


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.start = 0  # of the line
        self.depth = 0
        self.indent = -1
        self.handles = dict(_HANDLES)
        self.declared = False  # handles for the document to come
        self.counted = 0

    def run(self) -> Iterator[Token]:
        """Yield tokens until the end or something that is no YAML."""
        size = len(self.text)
        while True:
            self._skip()
            if self.at >= size:
                if self.depth:
                    yield Token("stuck", "", *self._where())
                return
            before = self.at
            token = self._next()
            if token is not None:
                yield token
            if self.at == before:
                yield Token("stuck", "", *self._where())
                return

    def _skip(self) -> None:
        while True:
            found = _SKIP.match(self.text, self.at)
            if found is None or found.end() == self.at:
                return
            self.at = found.end()

    def _where(self) -> tuple[int, int]:
        fresh = self.text.count("\n", self.counted, self.at)
        if fresh:
            self.line += fresh
            self.start = self.text.rfind("\n", 0, self.at) + 1
        self.counted = self.at
        return self.line, self.at - self.start

    def _next(self) -> Token | None:
        line, column = self._where()
        first = self.text[self.at]
        if column == 0:
            if first == "%" and (found := _DIRECTIVE.match(self.text, self.at)):
                self._declare(found)
                return None
            if found := _MARK.match(self.text, self.at):
                self.at, self.indent, self.depth = found.end(), -1, 0
                if not self.declared:
                    self.handles = dict(_HANDLES)
                self.declared = False
                return Token("document", "", line, column)
        if first in "[{":
            self.depth += 1
        elif first in "]}":
            self.depth = max(0, self.depth - 1)
        if first in "[]{},":
            self.at += 1
            return None
        if first in "-?:" and self._indicates():
            if first != ":" and not self.depth:
                self.indent = column
            self.at += 1
            return None
        return self._word(first, line, column)

    def _declare(self, found: re.Match[str]) -> None:
        if not self.declared:
            self.handles = dict(_HANDLES)
        self.declared = True
        if found[1]:
            self.handles[found[1]] = found[2]
        self.at = found.end()

    def _indicates(self) -> bool:
        after = self.text[self.at + 1 : self.at + 2]
        return after in ("", " ", "\t", "\n") or (bool(self.depth) and after in "[]{},")

    def _word(self, first: str, line: int, column: int) -> Token | None:
        if first == "!":
            found = _TAG.match(self.text, self.at)
            assert found is not None
            self.at = found.end()
            return Token("tag", self._resolved(found), line, column)
        if first in "&*" and (found := _NAME.match(self.text, self.at)):
            self.at = found.end()
            kind = "anchor" if first == "&" else "alias"
            return Token(kind, found[1], line, column, True, self.depth)
        if first in "|>" and not self.depth and (found := _BLOCK.match(self.text, self.at)):
            self.at = found.end()
            return Token("scalar", self._block(int(found[2] or 0)), line, column, plain=False)
        if first in "\"'":
            return self._quoted(first, line, column)
        pattern = _FLOW_PLAIN_END if self.depth else _PLAIN_END
        end = pattern.search(self.text, self.at + 1)
        stop = end.start() if end is not None else len(self.text)
        text = self.text[self.at : stop]
        self.at = stop
        return self._scalar(text.rstrip(" \t"), line, column, plain=True)

    def _quoted(self, mark: str, line: int, column: int) -> Token | None:
        found = (_DOUBLE if mark == '"' else _SINGLE).match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        text = _ESCAPE.sub(_unescaped, found[1]) if mark == '"' else found[1].replace("''", "'")
        return self._scalar(text, line, column, plain=False)

    def _scalar(self, text: str, line: int, column: int, plain: bool) -> Token:
        colon = _JSON_COLON if self.depth and not plain else _COLON
        found = colon.match(self.text, self.at)
        if found is None:
            return Token("scalar", text, line, column, plain, self.depth)
        self.at = found.end()
        if not self.depth:
            self.indent = column
        return Token("key", text, line, column, plain, self.depth)

    def _block(self, given: int) -> str:
        least = max(1, self.indent + 1)
        width = self.indent + given if given and self.indent >= 0 else given
        lines: list[str] = []
        size = len(self.text)
        while self.at < size:
            found = _LINE.match(self.text, self.at)
            if found is None:
                break
            spaces = len(found[1])
            if found[2]:
                width = width or max(least, spaces)
                if spaces < width:
                    break
            lines.append(found[0][width:])
            self.at = found.end()
        return "".join(lines)

    def _resolved(self, found: re.Match[str]) -> str:
        if found[1] is not None:
            return _unquoted(found[1])
        handle = f"!{found[2]}"
        prefix = self.handles.get(handle, handle)
        return _unquoted(prefix + found[3])


def _unquoted(text: str) -> str:
    return _PERCENT.sub(
        lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), text
    )


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    if code is None:
        return _LETTERS.get(found[4], found[4])
    number = int(code, 16)
    return chr(number) if number < 0x110000 else "\ufffd"
