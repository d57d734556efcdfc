"""GGML files from before GGUF: hyperparameters, a vocabulary, tensors one behind the other.

The header does not say which family of models it is for, so the known layouts are tried until one
of them accounts for the file to its last byte. Sources: ``llama.cpp`` up to August 2023
(``llama.cpp``, ``llama-util.h``), ``whisper.cpp`` and ``ggml/examples`` (gpt-2, gpt-j, gpt-neox).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..findings import Gap
from ..limits import Budget
from . import Parsed
from .archive.anomalies import AnomalyLog
from .cursor import Cursor
from .ggml_types import OLD_TYPES, TYPES, ItemType
from .tensors import Layout, Span, TensorFile, members, probe

_MOST_TENSORS = 100_000
_MOST_NAME = 4096
_AXES = 4
_INT64 = 1 << 63


class _Family(NamedTuple):
    """How the files of a family begin.

    Attributes:
        name: Its name.
        parameters: Numbers behind the magic (and version).
        filters: True where a table of mel filters follows.
        counted: True where the vocabulary begins with its own size.
        score: Bytes behind each token.
    """

    name: str
    parameters: int
    filters: bool = False
    counted: bool = False
    score: int = 0


_PLAIN = (
    _Family("LLaMA", 7),
    _Family("Whisper", 11, filters=True, counted=True),
    _Family("GPT-2", 6, counted=True),
    _Family("GPT-J", 7, counted=True),
    _Family("GPT-NeoX", 8, counted=True),
)
_SCORED = (_Family("LLaMA", 7, score=4),)
_ADAPTER = (_Family("LoRA", 2),)
_KINDS = {
    b"lmgg": ("GGML", False, _PLAIN),
    b"fmgg": ("GGMF", True, _SCORED),
    b"tjgg": ("GGJT", True, _SCORED),
    b"algg": ("GGLA", True, _ADAPTER),
}


def parse_old(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a GGML, GGMF, GGJT or GGLA file.

    Returns:
        A ``TensorFile``; files within tensors as members; a gap when no known layout fits.

    Raises:
        ParseError: It is none of these, or ends within its header.
        LimitExceeded: It has more tensors or texts than are read.
    """
    magic = artifact.reader.pread(0, 4)
    if magic not in _KINDS:
        raise ParseError("neither GGUF nor GGML")
    title, versioned, families = _KINDS[magic]
    version = Cursor(artifact.reader, 4, budget).number("I") if versioned else 0
    start = 8 if versioned else 4
    for family in families:
        for types in (TYPES, OLD_TYPES):
            try:
                spans = list(_walk(artifact, budget, start, family, types, magic))
            except ParseError:
                continue
            files = probe(artifact, spans, 0)
            model = TensorFile(f"{title} ({family.name})", version, len(spans), start, files=files)
            layout = Layout((), artifact.reader.size)
            return Parsed(model, members(artifact, layout, None, files))
    gap = Gap(
        "unsupported",
        artifact.location(),
        f"a {title} file of a family whose layout is not known, cut short, or changed",
        "convert it to GGUF with the tool of its family",
    )
    return Parsed(TensorFile(title, version, 0, start, AnomalyLog().close()), gaps=(gap,))


def _walk(
    artifact: Artifact, budget: Budget, start: int, family: _Family,
    types: dict[int, ItemType], magic: bytes,
) -> Iterator[Span]:  # fmt: skip
    """Yield the tensors; raises ParseError where the layout is not the file's."""
    cursor = Cursor(artifact.reader, start, budget)
    parameters = [cursor.number("I") for _ in range(family.parameters)]
    if family.filters:
        cursor.skip(cursor.number("I") * cursor.number("I") * 4)
    if magic != b"algg":
        count = cursor.number("I") if family.counted else parameters[0]
        cursor.skip_strings(count, "I", family.score)
    aligned = magic in (b"tjgg", b"algg")
    found = 0
    while cursor.left:
        found += 1
        if found > _MOST_TENSORS:
            raise LimitExceeded(f"more than {_MOST_TENSORS} tensors")
        yield _tensor(cursor, types, aligned)
    if not found:
        raise ParseError("no tensors")


def _tensor(cursor: Cursor, types: dict[int, ItemType], aligned: bool) -> Span:
    axes, length, kind = (cursor.number("I") for _ in range(3))
    if not 0 < axes <= _AXES or length > _MOST_NAME or kind not in types:
        raise ParseError("no tensor")
    count = 1
    for _ in range(axes):
        count *= cursor.number("I")
    if count >= _INT64:
        raise ParseError("no tensor")
    name = cursor.take(length).decode("utf-8", "replace")[:80]
    if aligned:
        cursor.skip(-cursor.at % 32)
    begin = cursor.at
    item = types[kind]
    cursor.skip(-(-count // item.items) * item.size)
    return Span(begin, cursor.at, name, item.name == "I8")
