"""Jinja2's tokens, as its default environment and those of language models cut them.

Source: ``jinja2/lexer.py`` of Jinja 3.1 (the syntax, not the code).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...errors import LimitExceeded, ParseError

_MOST_TOKENS = 100_000
_OPEN = re.compile(r"\{%|\{\{|\{#")
_RAW = re.compile(r"\{%[-+]?\s*raw\s*[-+]?%\}")
_RAW_END = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
_ENDS = {"{%": re.compile(r"\s*[-+]?%\}"), "{{": re.compile(r"\s*[-+]?\}\}")}
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<float>\d[\d_]*(?:\.\d[\d_]*)?[eE][+\-]?\d[\d_]*|\d[\d_]*\.\d[\d_]*)
    | (?P<int>0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*)
    | (?P<name>[^\W\d]\w*)
    | (?P<string>'(?:[^'\\]+|\\.)*+'|"(?:[^"\\]+|\\.)*+")
    | (?P<op>\*\*|//|==|!=|>=|<=|[-+/*%~\[\](){}<>=.:|,;!])
    )""",
    re.VERBOSE | re.DOTALL,
)
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_ESCAPE = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]{1,80}\}|[0-7]{1,3}|.)", re.DOTALL
)
_SIMPLE = {
    "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "\\": "\\",
    "'": "'", '"': '"', "\n": "",
}  # fmt: skip
_LONGEST_NUMBER = 400


class Token(NamedTuple):
    """One token.

    Attributes:
        kind: ``data``, ``comment``, ``begin`` (of a block or an output), ``end``, ``name``,
            ``string``, ``int``, ``float`` or ``op``.
        text: Its text; of a string, what it stands for.
        line: Its line, from 1.
    """

    kind: str
    text: str
    line: int


def tokens(source: str) -> list[Token]:
    """Return the tokens of a template.

    Raises:
        ParseError: It is no template.
        LimitExceeded: It has more tokens than are read.
    """
    found: list[Token] = []
    for token in _Lexer(source).run():
        found.append(token)
        if len(found) > _MOST_TOKENS:
            raise LimitExceeded(f"a template of more than {_MOST_TOKENS} tokens")
    return found


class _Lexer:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.line = 1
        self._counted = 0

    def _line_at(self, at: int) -> int:
        self.line += self.source.count("\n", self._counted, at)
        self._counted = at
        return self.line

    def run(self) -> Iterator[Token]:
        while True:
            match = _OPEN.search(self.source, self.at)
            end = match.start() if match else len(self.source)
            if end > self.at:
                yield Token("data", self.source[self.at : end], self._line_at(self.at))
            if match is None:
                return
            self.at = end
            if match[0] == "{#":
                yield self._comment()
            elif raw := _RAW.match(self.source, end):
                yield self._raw(raw.end())
            else:
                yield Token("begin", match[0], self._line_at(end))
                self.at = match.end()
                if self.source.startswith(("-", "+"), self.at):
                    self.at += 1
                yield from self._inside(match[0])

    def _comment(self) -> Token:
        start = self.at
        end = self.source.find("#}", start + 2)
        if end < 0 and start + 2 == len(self.source):
            end = start + 2  # likewise a comment
        if end < 0:
            raise ParseError(f"a comment begins on line {self._line_at(start)} and never ends")
        self.at = end + 2
        return Token("comment", self.source[start + 2 : end], self._line_at(start))

    def _raw(self, start: int) -> Token:
        end = _RAW_END.search(self.source, start)
        if end is None and start == len(self.source):
            self.at = start  # Jinja, too, takes raw text that never begins
            return Token("data", "", self._line_at(start))
        if end is None:
            raise ParseError(f"raw text begins on line {self._line_at(start)} and never ends")
        self.at = end.end()
        return Token("data", self.source[start : end.start()], self._line_at(start))

    def _inside(self, mark: str) -> Iterator[Token]:
        end = _ENDS[mark]
        open_brackets: list[str] = []
        while True:
            if not open_brackets and (match := end.match(self.source, self.at)):
                self.at = match.end()
                yield Token("end", mark, self._line_at(match.start()))
                return
            match = _TOKEN.match(self.source, self.at)
            if match is None:
                raise ParseError(f"no token of a template on line {self._line_at(self.at)}")
            kind = match.lastgroup or ""
            text, line = match[kind], self._line_at(match.start(kind))
            self.at = match.end()
            if kind == "op":
                self._bracket(text, open_brackets, line)
            elif kind == "string":
                text = unescape(text[1:-1])
            elif kind != "name" and len(text) > _LONGEST_NUMBER:
                raise ParseError(f"a number of {len(text)} digits on line {line}")
            yield Token(kind, text, line)

    def _bracket(self, text: str, open_brackets: list[str], line: int) -> None:
        if text in _PAIRS:
            open_brackets.append(_PAIRS[text])
        elif text in ")]}" and (not open_brackets or open_brackets.pop() != text):
            raise ParseError(f"brackets do not match on line {line}")


def unescape(text: str) -> str:
    """Return what the inside of a string stands for; unknown escapes stand for themselves."""
    return _ESCAPE.sub(_escaped, text) if "\\" in text else text


def _escaped(match: re.Match[str]) -> str:
    body = match[0][1:]
    if body in _SIMPLE:
        return _SIMPLE[body]
    if len(body) > 1 and body[0] in "xuU":
        code = int(body[1:], 16)
        return chr(code) if code < 0x110000 else match[0]
    if body[0] == "N" and len(body) > 1:
        return _by_name(body[2:-1], match[0])
    return chr(int(body, 8)) if body[0] in "01234567" else match[0]


def _by_name(name: str, otherwise: str) -> str:
    import unicodedata

    try:
        return unicodedata.lookup(name)
    except KeyError:
        return otherwise
