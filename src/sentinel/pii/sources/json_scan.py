"""A forgiving scanner of JSON: what it tells of the values, whatever is broken around them.

Nothing is built, so depth costs nothing, numbers keep all their digits, a key may occur twice, and
what stands before a break is told. Comments, ``NaN`` and trailing commas do no harm.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"'
    rb"|(-?[0-9][0-9.eE+-]*+)"
    rb"|([\[\]{}:,])"
    rb'|"',  # the end is missing: nothing behind it can be told
    re.DOTALL,
)
_WORDS = re.compile(rb"true|false|null|NaN|-?Infinity|\s+")
_MOST_KEYS = 128
_MOST_PATHS = 512
_DEEPEST_PATH = 32
_DEEPEST = 1000
_LONGEST_KEY = 100
_LONGEST_NUMBER = 1000
_STEPS = 8
_OPENERS = b"{["
_DECODE = json.JSONDecoder(strict=False).decode


class Value(NamedTuple):
    """A string or a whole number.

    Attributes:
        path: Keys that lead to it, joined by dots, places in lists as ``[]``.
        text: The value; of a number, its digits.
        line: 1-based line on which it begins.
        steps: The outermost keys and places in lists themselves, where they were asked for.
        is_text: Whether it is a string.
    """

    path: str
    text: str
    line: int
    steps: tuple[str | int, ...]
    is_text: bool


class Names:
    """Paths of keys that were met; of too many keys at one place, the rest share a name."""

    __slots__ = ("_children", "_count")

    def __init__(self) -> None:
        self._children: dict[str, dict[str, str]] = {}
        self._count = 0

    def child(self, path: str, key: str) -> str:
        """Return the path of a key below a path."""
        known = self._children.get(path)
        if known is None:
            known = self._children[path] = {}
        found = known.get(key)
        if found is not None:
            return found
        if len(known) >= _MOST_KEYS or self._count >= _MOST_PATHS:
            return path if path.endswith("*") else f"{path}.*" if path else "*"
        self._count += 1
        short = key[:_LONGEST_KEY]
        found = known[key] = f"{path}.{short}" if path else short
        return found


class _Frame:
    """A container that is open."""

    __slots__ = ("index", "is_list", "key", "path", "waiting")

    def __init__(self, path: str, *, is_list: bool) -> None:
        self.is_list = is_list
        self.path = path
        self.index = 0
        self.key = ""
        self.waiting = not is_list  # for a key


class _Scan:
    """Where a scan stands."""

    __slots__ = ("names", "stack", "too_deep")

    def __init__(self, names: Names) -> None:
        self.names = names
        self.stack: list[_Frame] = []
        self.too_deep = 0

    def punctuate(self, mark: int) -> None:
        """Take in a bracket, a comma or a colon."""
        stack = self.stack
        if mark in _OPENERS:
            self._open(mark == ord("["))
        elif mark in b"]}":
            if self.too_deep:
                self.too_deep -= 1
            elif stack:
                stack.pop()
        elif mark == ord(",") and stack:
            stack[-1].index += 1
            stack[-1].waiting = not stack[-1].is_list

    def _open(self, is_list: bool) -> None:
        stack = self.stack
        if len(stack) >= _DEEPEST:
            self.too_deep += 1
            return
        path = self.path() if len(stack) <= _DEEPEST_PATH else stack[-1].path
        stack.append(_Frame(path, is_list=is_list))

    def path(self) -> str:
        """Return the path of the value that comes next."""
        if not self.stack:
            return ""
        frame = self.stack[-1]
        if frame.is_list:
            return f"{frame.path}[]" if len(self.stack) <= _DEEPEST_PATH else frame.path
        return self.names.child(frame.path, frame.key)

    def steps(self) -> tuple[str | int, ...]:
        """Return the outermost keys and places."""
        return tuple(frame.index if frame.is_list else frame.key for frame in self.stack[:_STEPS])


def values(
    data: bytes, names: Names | None = None, line: int = 1, *, steps: bool = False
) -> Iterator[Value]:
    """Yield the strings and whole numbers of a JSON text in their order.

    Args:
        data: The text, in UTF-8; several texts may follow one another.
        names: Paths met before, shared between the parts of one file.
        line: Line of its first byte.
        steps: Tell the steps of each value too.
    """
    scan = _Scan(names or Names())
    counted = 0
    for token in _TOKEN.finditer(data):
        kind = token.lastindex
        if kind is None:
            return
        if kind == 3:
            scan.punctuate(token[3][0])
            continue
        frame = scan.stack[-1] if scan.stack else None
        if frame is not None and frame.waiting:
            if kind == 1:
                frame.key = _text(token[1])
                frame.waiting = False
            continue
        text = _text(token[1]) if kind == 1 else token[2][:_LONGEST_NUMBER].decode()
        if kind == 1 or text.lstrip("-").isdigit():
            line += data.count(b"\n", counted, token.start())
            counted = token.start()
            yield Value(scan.path(), text, line, scan.steps() if steps else (), kind == 1)


def is_whole(data: bytes) -> bool:
    """Return True when a text holds nothing that ``values`` would pass over."""
    if any(token.lastindex is None for token in _TOKEN.finditer(data)):
        return False
    return not _WORDS.sub(b"", _TOKEN.sub(b"", data))


def _text(raw: bytes) -> str:
    """Return what a string says, escapes resolved; one that is malformed stays as it is."""
    text = raw.decode("utf-8", "replace")
    if "\\" in text:
        try:
            text = str(_DECODE(f'"{text}"'))
        except ValueError:
            pass
    return text
