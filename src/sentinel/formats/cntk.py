"""CNTK models of version 2: the functions that loading would import.

A model is a dictionary of dictionaries as a protobuf message (``CNTK.proto``). A user-defined
function is one with a module and a class (``cntk/internal``), or with a module and the name of a
function in it (``UserDefinedFunction.cpp``). The format before version 2 is known but not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError, UnsupportedError
from ..findings import Gap
from ..limits import Budget
from . import Parsed
from .protobuf import VARINT, Field, Window
from .protobuf_shape import ANY, TEXT, Shape, fits

_OLD = b"B\0C\0N\0"
_KEYS = frozenset(("version", "type", "root", "root_uid", "name", "uid", "inputs",
                   "primitive_functions"))  # fmt: skip
_SHAPE = Shape({1: VARINT, 2: Shape({1: TEXT, 2: ANY}, frozenset((1,)))}, frozenset((2,)))
_MOST_DEPTH = 32
_MOST_ENTRIES = 1_000_000


class CntkFunction(NamedTuple):
    """A user-defined function: its module, the class or function in it, and if it is native."""

    module: str
    name: str
    native: bool
    offset: int


class CntkModel(NamedTuple):
    """What a CNTK model says: the number of its entries, and its user-defined functions."""

    entries: int
    functions: tuple[CntkFunction, ...]


def looks_like_cntk(artifact: Artifact, head: bytes) -> bool:
    """Return True for a CNTK model of version 2."""
    if not fits(artifact, _SHAPE):
        return False
    window = Window(artifact.reader, Budget())
    keys = {window.word(entry, 1) for entry in window.at(window.whole(), 2)}
    return len(keys & _KEYS) > 2


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a model.

    Returns:
        A ``CntkModel``; a gap where its messages break off.

    Raises:
        ParseError: It is no dictionary.
        UnsupportedError: It was written before version 2.
        LimitExceeded: Dictionaries are nested deeper than is read.
    """
    if artifact.reader.pread(0, len(_OLD)) == _OLD:
        raise UnsupportedError("CNTK models before version 2 are not read")
    walk = _Walk(Window(artifact.reader, budget))
    gaps: tuple[Gap, ...] = ()
    try:
        walk.dictionary(walk.window.whole(), 0)
    except ParseError as error:
        if not walk.entries:
            raise
        gaps = (Gap("malformed", artifact.location(), error.message),)
    if not walk.entries:
        raise ParseError("there is no dictionary of CNTK in it")
    return Parsed(CntkModel(walk.entries, tuple(walk.functions)), gaps=gaps)


class _Walk:
    def __init__(self, window: Window) -> None:
        self.window = window
        self.entries = 0
        self.functions: list[CntkFunction] = []

    def dictionary(self, field: Field, depth: int) -> None:
        if depth > _MOST_DEPTH:
            raise LimitExceeded(f"dictionaries nested deeper than {_MOST_DEPTH}")
        texts: dict[str, str] = {}
        for entry in self.window.at(field, 2):
            self.entries += 1
            if self.entries > _MOST_ENTRIES:
                raise LimitExceeded(f"more than {_MOST_ENTRIES} entries")
            key = self.window.word(entry, 1)
            for value in self.window.at(entry, 2):
                self._value(value, key, texts, depth)
        native = "deserialize_method" in texts
        if "module" in texts and (native or "class" in texts):
            name = texts.get("deserialize_method" if native else "class", "")
            self.functions.append(CntkFunction(texts["module"], name, native, field.start))

    def _value(self, field: Field, key: str, texts: dict[str, str], depth: int) -> None:
        for held in self._held(field):
            if held.number == 8:
                texts[key] = self.window.text(held, 1024)
            elif held.number == 12:
                self.dictionary(held, depth + 1)
            elif held.number == 11:
                if depth > _MOST_DEPTH:
                    raise LimitExceeded(f"values nested deeper than {_MOST_DEPTH}")
                for value in self.window.at(held, 1):
                    self._value(value, "", {}, depth + 1)

    def _held(self, field: Field) -> Iterator[Field]:
        for held in self.window.fields(field.start, field.end):
            if held.wire != VARINT:
                yield held
