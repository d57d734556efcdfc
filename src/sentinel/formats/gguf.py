"""GGUF, versions 1 to 3 in either byte order: key-values, tensor descriptions, one data area.

Arrays of numbers are passed over; lists of texts are walked, since their lengths say where the next
key is. The chat templates are handed on as members. Older GGML files are read by ``ggml_old``.
Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError, UnsupportedError
from ..findings import Gap
from ..limits import KIB, Budget
from ..readers import MemoryReader, SubRangeReader
from . import Member, Parsed
from .archive.anomalies import AnomalyLog
from .cursor import Cursor
from .embedded import FoundFile, file_at
from .ggml_types import TYPES
from .metadata_text import MetadataText
from .tensors import Span, TensorFile, behind, check_layout, members, probe

_MOST_KEYS = 100_000
_MOST_TENSORS = 500_000
_MOST_NAME = 64 * KIB
_MOST_TEXT = 256 * KIB
_MOST_AXES = 64
_AXES = 4
_DEPTH = 8
_LEAST_FILE = 64
_MOST_FILES = 100
_INT64 = 1 << 63
_STRING, _ARRAY = 8, 9
_CODES = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 7: "B", 10: "Q", 11: "q"}
_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_ALIGNMENT = 32
_TOKENS = "tokenizer.ggml.tokens"
_LISTS = ("tokenizer.ggml.scores", "tokenizer.ggml.token_type")


class Field(NamedTuple):
    """The value of a key.

    Attributes:
        kind: Number of its type.
        number: Its value where it is a whole number, else None.
        offset: Where its bytes are (of a text, behind the length).
        length: How many bytes of a text, or items of an array.
    """

    kind: int
    number: int | None
    offset: int
    length: int


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a GGUF or GGML file.

    Returns:
        A ``TensorFile``; chat templates, bytes that belong to no tensor and files within tensors
        as members; gaps for data that ends early and for item types that are not known.

    Raises:
        ParseError: The file ends within its description, or a count does not fit it.
        UnsupportedError: The version is not known.
        LimitExceeded: It has more keys, tensors or texts than are read.
    """
    if artifact.reader.pread(0, 4) != b"GGUF":
        from .ggml_old import parse_old

        return parse_old(artifact, budget)
    return _Gguf(artifact, budget).parsed()


class _Gguf:
    """One file in progress."""

    def __init__(self, artifact: Artifact, budget: Budget) -> None:
        self.artifact = artifact
        self.log = AnomalyLog()
        self.text = MetadataText(self.log)
        self.fields: dict[str, Field] = {}
        self.cursor = Cursor(artifact.reader, 4, budget)
        self.version = self.cursor.number("I")
        if not self.version & 0xFFFF:
            self.cursor.order = ">"
            self.version = int.from_bytes(self.version.to_bytes(4, "little"), "big")
        if self.version not in (1, 2, 3):
            raise UnsupportedError(f"GGUF version {self.version} is not known")
        self.size = "I" if self.version == 1 else "Q"
        self.unknown: list[str] = []
        self.arrays: list[FoundFile] = []

    def parsed(self) -> Parsed:
        tensors, keys = self.cursor.number(self.size), self.cursor.number(self.size)
        width = 4 if self.version == 1 else 8
        _fits("keys", keys, keys * (width + 5), _MOST_KEYS, self.cursor)
        _fits("tensors", tensors, tensors * (width + 16), _MOST_TENSORS, self.cursor)
        for _ in range(keys):
            self._field()
        align = self._alignment()
        spans = self._tensors(tensors, align)
        start = self.cursor.at
        if tensors:
            start = min(-(-start // align) * align, max(start, self.artifact.reader.size))
        _close_unknown(spans, self.unknown, self.artifact.reader.size - start)
        layout = check_layout(self.artifact, spans, start, self.log, align)
        rest = behind(self.artifact, layout.end, self.log, align)
        files = (*probe(self.artifact, spans, start), *self.arrays)
        self._vocabulary()
        model = TensorFile(
            "GGUF", self.version, tensors, start, self.log.close(), (*files, *self.text.files),
            tuple(self.text.urls), tuple(self.text.marked),
        )  # fmt: skip
        found = chain(self._texts(), members(self.artifact, layout, rest, files))
        return Parsed(model, found, tuple(self._gaps(layout.end)))

    def _string(self, key: str) -> Field:
        length = self.cursor.number(self.size)
        offset = self.cursor.at
        if not _is_template(key):
            value = self.cursor.take(min(length, _MOST_TEXT))
            self.text.add(key, value.decode("utf-8", "replace"), offset)
        self.cursor.skip(length - (self.cursor.at - offset))
        return Field(_STRING, None, offset, length)

    def _name(self) -> str:
        length = self.cursor.number(self.size)
        if length > _MOST_NAME:
            raise ParseError(f"a name of {length} bytes at {self.cursor.at}")
        return self.cursor.take(length).decode("utf-8", "replace")

    def _field(self) -> None:
        at = self.cursor.at
        key = self._name()
        kind = self.cursor.number("I")
        if key in self.fields:
            self.log.add("duplicate", f"the key {key[:80]!r} occurs twice", at)
            key = f"{key}#{at}"
        if kind == _STRING:
            self.fields[key] = self._string(key)
        elif kind == _ARRAY:
            self.fields[key] = self._array(0)
        elif kind in _WIDTHS:
            offset = self.cursor.at
            number = self.cursor.number(_CODES[kind]) if kind in _CODES else None
            if number is None:
                self.cursor.skip(_WIDTHS[kind])
            if kind == 7 and number not in (0, 1):
                self.log.add("entry", f"{key[:80]!r} is neither true nor false", offset)
            self.fields[key] = Field(kind, number, offset, _WIDTHS[kind])
        else:
            raise ParseError(f"the key {key[:80]!r} has the unknown type {kind}")

    def _array(self, depth: int) -> Field:
        kind, count = self.cursor.number("I"), self.cursor.number(self.size)
        offset = self.cursor.at
        if kind in _WIDTHS:
            self.cursor.skip(count * _WIDTHS[kind])
            self._bytes(offset, count if _WIDTHS[kind] == 1 else 0)
        elif kind == _STRING:
            self.cursor.skip_strings(count, self.size)
        elif kind == _ARRAY:
            if not depth:
                self.log.add("nested", "arrays within an array", offset)
            if depth >= _DEPTH:
                raise LimitExceeded(f"arrays nested deeper than {_DEPTH}")
            _fits("arrays", count, count * 8, _MOST_TENSORS, self.cursor)
            for _ in range(count):
                self._array(depth + 1)
        else:
            raise ParseError(f"an array of the unknown type {kind} at {offset}")
        return Field(_ARRAY, None, offset, count)

    def _bytes(self, offset: int, count: int) -> None:
        """Note an array of bytes that begins like a file of another kind."""
        if count >= _LEAST_FILE and len(self.arrays) < _MOST_FILES:
            kind = file_at(self.artifact.reader, offset, count)
            if kind:
                self.arrays.append(FoundFile(kind, "an array", offset, count))

    def _alignment(self) -> int:
        field = self.fields.get("general.alignment")
        if field is None:
            return _ALIGNMENT
        align = field.number or 0
        if not 1 <= align <= 1 << 20 or align & (align - 1):
            self.log.add("unaligned", f"an alignment of {align}", field.offset)
            return _ALIGNMENT
        return align

    def _tensors(self, count: int, align: int) -> list[Span]:
        spans, names = [], set()
        for _ in range(count):
            at = self.cursor.at
            name = self._name()
            if name in names:
                self.log.add("duplicate", f"two tensors are called {name[:80]!r}", at)
            names.add(name)
            spans.append(self._tensor(name[:80], at, align))
        return spans

    def _tensor(self, name: str, at: int, align: int) -> Span:
        axes = self.cursor.number("I")
        if axes > _MOST_AXES:
            raise ParseError(f"the tensor {name!r} has {axes} dimensions")
        if axes > _AXES:
            self.log.add("entry", f"{name!r} has {axes} dimensions; readers take four", at)
        *shape, kind, begin = self.cursor.numbers(self.size * axes + "IQ")
        if begin % align:
            self.log.add("unaligned", f"{name!r} begins at {begin}, no multiple of {align}", at)
        item = TYPES.get(kind)
        if item is None:
            self.log.add("type", f"{name!r} has the unknown type {kind}", at)
            self.unknown.append(name)
            return Span(begin, -1, name)
        count = 1
        for extent in shape:
            count *= extent
            if count >= _INT64:
                self.log.add("huge", f"{name!r} has more items than 64 bits can count", at)
                return Span(begin, begin, name)
        if (shape[0] if shape else 1) % item.items:
            self.log.add("size", f"{name!r} has rows that are no multiple of {item.items}", at)
        return Span(begin, begin + -(-count // item.items) * item.size, name, item.name == "I8")

    def _vocabulary(self) -> None:
        tokens = self.fields.get(_TOKENS)
        if tokens is None or tokens.kind != _ARRAY:
            return
        for key in _LISTS:
            field = self.fields.get(key)
            if field is not None and field.kind == _ARRAY and field.length != tokens.length:
                what = f"{key} has {field.length} items for {tokens.length} tokens"
                self.log.add("vocabulary", what, field.offset)

    def _texts(self) -> Iterator[Member]:
        for key, field in self.fields.items():
            if field.kind == _STRING and _is_template(key):
                window = partial(SubRangeReader, self.artifact.reader, field.offset, field.length)
                yield Member(field.offset, key[:200], window, ("jinja",))
        for number, (key, data) in enumerate(self.text.decoded):
            yield Member(-1 - number, key, partial(MemoryReader, data))

    def _gaps(self, end: int) -> Iterator[Gap]:
        if end > self.artifact.reader.size:
            detail = f"the tensors end {end - self.artifact.reader.size} bytes past the end"
            place = self.artifact.location()
            yield Gap("truncated", place, detail, "get the file again from its source")
        if self.unknown:
            detail = f"{len(self.unknown)} tensor(s) of unknown type, the first {self.unknown[0]!r}"
            hint = "their data cannot be told from other bytes"
            yield Gap("unsupported", self.artifact.location(), detail, hint)


def _is_template(key: str) -> bool:
    return "chat_template" in key


def _fits(what: str, count: int, least: int, most: int, cursor: Cursor) -> None:
    if least > cursor.left:
        raise ParseError(f"{count} {what} do not fit the {cursor.left} bytes that are left")
    if count > most:
        raise LimitExceeded(f"more than {most} {what}")


def _close_unknown(spans: list[Span], unknown: list[str], area: int) -> None:
    """Let tensors of unknown size end where the next one begins."""
    if not unknown:
        return
    begins = sorted(span.begin for span in spans)
    for index, span in enumerate(spans):
        if span.end < 0:
            place = bisect_right(begins, span.begin)
            end = begins[place] if place < len(begins) else area
            spans[index] = span._replace(end=max(span.begin, end))
