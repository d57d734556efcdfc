"""Torch7's ``.t7``: Lua values, walked without Lua and without recursion.

Each value begins with its type. Functions are Lua bytecode as ``string.dump`` gives it, which
``torch.load`` hands to ``loadstring``. Two encodings: binary (little-endian, lengths of four or
eight bytes) and text. Source: ``File.lua`` of Torch7.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..findings import Gap
from ..limits import KIB, Budget
from ..readers import SubRangeReader
from ..readers.base import Reader
from . import Member, Parsed

NIL, NUMBER, STRING, TABLE, TORCH, BOOLEAN, FUNCTION, OLD_FUNCTION, LEGACY_FUNCTION = (
    0, 1, 2, 3, 4, 5, 6, 8, 7,
)  # fmt: skip
_FUNCTIONS = frozenset((FUNCTION, OLD_FUNCTION, LEGACY_FUNCTION))
_BLOCK = 64 * KIB
_VALUES = 20_000_000
_KEPT = 2_000
_TEXT = 200
_WORDS = re.compile(rb"[A-Za-z_][\w.]{1,40}")
_VERSION = re.compile(r"V (\d+)\Z")
_TENSOR = re.compile(r"torch\.(?:Cuda)?(\w*)Tensor\Z")
_STORAGE = re.compile(r"torch\.(?:Cuda)?(\w*)Storage\Z")
_WIDTHS = {
    "Byte": 1, "Char": 1, "Short": 2, "Int": 4, "Long": 8, "Float": 4, "Double": 8, "Half": 2,
    "": 4,
}  # fmt: skip
_TEXTUAL = re.compile(
    rb"4\n1\n\d+\n(?:V \d|torch\.)|3\n1\n\d+\n[0-8]\n|6\n\d+\n\x1bL|[78]\n1\n\d+\n\x1bL"
)
_BYTECODE = (b"\x1bLua", b"\x1bLJ")


class LuaFunction(NamedTuple):
    """A function by value.

    Attributes:
        offset: Where it starts.
        size: Bytes of its code.
        names: Names in its bytecode.
        real: True when the code begins as Lua's bytecode does.
    """

    offset: int
    size: int
    names: tuple[str, ...]
    real: bool


class Torch7File(NamedTuple):
    """What a Torch7 file holds.

    Attributes:
        text: True for the encoding in text.
        functions: Functions by value.
        classes: Classes of its objects with the offset of the first, in order.
        counts: Values by type.
        trailing: ``(offset, length)`` of what follows the value, or None.
    """

    text: bool
    functions: tuple[LuaFunction, ...]
    classes: tuple[tuple[str, int], ...]
    counts: dict[int, int]
    trailing: tuple[int, int] | None = None


def looks_like_torch7(artifact: Artifact, head: bytes) -> bool:
    """Return True for a Lua value in Torch7's encodings.

    Args:
        artifact: The content.
        head: Its first few kilobytes.
    """
    kind = int.from_bytes(head[:4], "little")
    index = int.from_bytes(head[4:8], "little", signed=True)
    if head[:1].isdigit():
        return bool(_TEXTUAL.match(head))
    if kind == TABLE and index == 1:
        count, key = (int.from_bytes(head[at : at + 4], "little") for at in (8, 12))
        return len(head) >= 16 and count < 1 << 24 and key <= OLD_FUNCTION
    if kind == TORCH and index == 1:
        return b"V " in head[8:24] or b"torch." in head[8:64]
    return kind in _FUNCTIONS and any(mark in head[8:64] for mark in _BYTECODE)


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a Torch7 file.

    Returns:
        A ``Torch7File``; a gap where reading stopped early.

    Raises:
        ParseError: It is none.
        ReadError: The file cannot be read.
    """
    head = artifact.reader.pread(0, 16)
    is_text = head[:1].isdigit()
    tries = [True] if is_text else [False, False]
    best: _Walk | None = None
    problem: ParseError | LimitExceeded | None = None
    functions: dict[int, LuaFunction] = {}
    for number, text in enumerate(tries):
        walk = _Walk(artifact.reader, budget, text, 4 if number else 8)
        try:
            walk.run()
        except (ParseError, LimitExceeded) as error:
            functions |= {found.offset: found for found in walk.functions if found.real}
            if best is None or walk.position > best.position:
                best, problem = walk, error
        else:
            best, problem = walk, None
            break
    if best is None or (problem is not None and not best.counts):
        raise ParseError("no Torch7 file")
    functions |= {found.offset: found for found in best.functions}
    return _result(artifact, best, tuple(functions.values()), problem)


def _result(
    artifact: Artifact,
    walk: _Walk,
    functions: tuple[LuaFunction, ...],
    problem: ParseError | LimitExceeded | None,
) -> Parsed:
    gaps: tuple[Gap, ...] = ()
    if problem is not None:
        reason = "limit" if isinstance(problem, LimitExceeded) else "malformed"
        place = artifact.location(walk.position)
        gaps = (Gap(reason, place, problem.message, problem.hint),)
    rest = artifact.reader.size - walk.position
    trailing = (walk.position, rest) if rest > 1 and problem is None else None
    members = []
    if trailing is not None:
        window = partial(SubRangeReader, artifact.reader, *trailing)
        members.append(Member(trailing[0], f"bytes@{trailing[0]}", window, guess=True))
    model = Torch7File(
        walk.text, functions, tuple(walk.classes.items()), dict(walk.counts), trailing
    )
    return Parsed(model, members, gaps)


Step = Callable[[], None]


class _Walk:
    """One way to read the file.

    Args:
        reader: Its bytes.
        budget: Bounds the time.
        text: Read the encoding in text.
        width: Bytes of a ``long`` in the binary encoding.
    """

    def __init__(self, reader: Reader, budget: Budget, text: bool, width: int) -> None:
        self.text = text
        self.position = 0
        self.functions: list[LuaFunction] = []
        self.classes: dict[str, int] = {}
        self.counts: Counter[int] = Counter()
        self._reader = reader
        self._budget = budget
        self._width = width
        self._seen: set[int] = set()
        self._block = b""
        self._start = 0
        self._pending: list[Step] = []

    def run(self) -> None:
        """Read one value to its end."""
        self._pending = [self._value]
        done = 0
        while self._pending:
            self._pending.pop()()
            done += 1
            if not done & 4095:
                self._budget.check_time()
            if done > _VALUES:
                raise LimitExceeded(f"more than {_VALUES} Lua values")

    def _take(self, count: int) -> bytes:
        if count < 0 or count > self._reader.size - self.position:
            raise ParseError("the file ends within a Lua value")
        at = self.position - self._start
        if not 0 <= at <= len(self._block) - count:
            self._start, at = self.position, 0
            self._block = self._reader.pread(self.position, max(count, _BLOCK))
        self.position += count
        return self._block[at : at + count]

    def _word(self) -> bytes:
        word = bytearray()
        while len(word) < 64:
            if self.position >= self._reader.size:
                break
            char = self._take(1)
            if char.isspace():
                if word:
                    return bytes(word)
                continue
            word += char
        if not word or len(word) >= 64:
            raise ParseError("no number where one belongs")
        return bytes(word)

    def _integer(self, width: int = 4) -> int:
        if not self.text:
            return int.from_bytes(self._take(width), "little", signed=True)
        try:
            return int(self._word())
        except ValueError as error:
            raise ParseError("no number where one belongs") from error

    def _numbers(self, count: int, width: int) -> None:
        """Pass over numbers."""
        if count < 0 or count > self._reader.size - self.position:
            raise ParseError("a Lua array that is longer than the file")
        if self.text:
            for _ in range(count):
                self._word()
            return
        if count * width > self._reader.size - self.position:
            raise ParseError("a Lua array that is longer than the file")
        self.position += count * width

    def _string(self, most: int) -> tuple[bytes, int]:
        """Return the beginning of a text, and its length."""
        length = self._integer()
        if length < 0 or length > self._reader.size - self.position:
            raise ParseError("a Lua text that is longer than the file")
        data = self._take(min(length, most))
        self.position += length - len(data)
        if self.text and self.position < self._reader.size:
            self._take(1)
        return data, length

    def _value(self) -> None:
        start = self.position
        kind = self._integer()
        if not 0 <= kind <= 8:
            raise ParseError(f"a Lua value of the unknown type {kind}")
        self.counts[kind] += 1
        if kind == NUMBER:
            self._numbers(1, 8)
        elif kind == STRING:
            self._string(0)
        elif kind == BOOLEAN:
            self._integer()
        elif kind in _FUNCTIONS:
            self._function(kind, start)
        elif kind == TABLE:
            if self._fresh():
                self._table()
        elif kind == TORCH and self._fresh():
            self._object(start)

    def _fresh(self) -> bool:
        """Read the index of an object; return True the first time it is met."""
        index = self._integer()
        if index in self._seen:
            return False
        self._seen.add(index)
        return True

    def _function(self, kind: int, start: int) -> None:
        if kind != FUNCTION and not self._fresh():
            return
        at = self.position
        data, length = self._string(_BLOCK)
        if len(self.functions) < _KEPT:
            names = dict.fromkeys(word.decode() for word in _WORDS.findall(data))
            self.functions.append(
                LuaFunction(start, length, tuple(names)[:200], data[:3] in (b"\x1bLu", b"\x1bLJ"))
            )
        self._pending.append(self._value)
        if at == self.position:
            raise ParseError("a Lua function without code")

    def _storage(self) -> None:
        """Read the storage of a tensor that is not empty; none there means another encoding."""
        before = self.counts[TORCH]
        self._value()
        if self.counts[TORCH] == before:
            raise ParseError("a tensor without a storage")

    def _table(self) -> None:
        count = self._integer()
        if count < 0 or count > self._reader.size - self.position:
            raise ParseError("a Lua table that is longer than the file")
        self._pairs(count * 2)

    def _pairs(self, count: int) -> None:
        if count > 0:
            self._pending.append(lambda: self._pairs(count - 1))
            self._pending.append(self._value)

    def _object(self, start: int) -> None:
        name = self._string(_TEXT)[0].decode("utf-8", "backslashreplace")
        if _VERSION.match(name):
            name = self._string(_TEXT)[0].decode("utf-8", "backslashreplace")
        if len(self.classes) < _KEPT:
            self.classes.setdefault(name, start)
        tensor, storage = _TENSOR.match(name), _STORAGE.match(name)
        if storage and storage[1] in _WIDTHS:
            self._numbers(self._integer(self._width), _WIDTHS[storage[1]])
        elif tensor and tensor[1] in _WIDTHS:
            dimensions = self._integer()
            self._numbers(2 * dimensions, self._width)
            self._numbers(1, self._width)
            self._pending.append(self._value if dimensions <= 0 else self._storage)
        else:
            self._pending.append(self._value)
