"""Compiled models for one runtime: TensorRT, RKNN and MNN; and ncnn's description as text.

What the first three hold is machine code, or made for closed runtimes: it is recognised, searched
for libraries of the host that it carries, and said to be incomplete. ncnn's ``.param`` is text.
Formats: TensorRT's and RKNN's are not published; ncnn's is in its wiki.
"""

from __future__ import annotations

import re
from functools import partial
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import ParseError
from ..findings import Gap
from ..limits import MIB, Budget
from ..readers import SubRangeReader
from ..readers.base import Reader
from . import Member, Parsed
from .native import code_of
from .native_headers import GPU

_SEARCHED = 1024 * MIB
_PIECE = 4 * MIB
_MOST_FOUND = 20
_MOST_JSON = MIB
_NCNN = re.compile(rb"7767517\r?\n\s*\d+\s+\d+")
_TRT = (b"ftrt", b"ptrt")


class Engine(NamedTuple):
    """What is known of a compiled model.

    Attributes:
        title: Its runtime.
        version: As the file gives it; empty where it does not.
        libraries: ``(offset, what)`` of machine code for the host in it.
        problems: What does not add up, in words.
        unknown: Types of layers that the runtime does not have.
        texts: ``(key, text)`` of metadata.
    """

    title: str
    version: str = ""
    libraries: tuple[tuple[int, str], ...] = ()
    problems: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()


def looks_like_tensorrt(artifact: Artifact, head: bytes) -> bool:
    """Return True for an engine, also behind the metadata that Ultralytics puts in front."""
    return head.startswith(_TRT) or bool(_described(artifact.reader, head))


def _described(reader: Reader, head: bytes) -> str:
    length = int.from_bytes(head[:4], "little")
    if not 2 < length <= _MOST_JSON or head[4:5] != b"{":
        return ""
    if reader.pread(4 + length, 4) not in _TRT:
        return ""
    return reader.pread(4, length).decode("utf-8", "replace")


def parse_tensorrt(artifact: Artifact, budget: Budget) -> Parsed:
    """Recognise a TensorRT engine and search it for libraries of the host.

    Raises:
        ReadError: The bytes cannot be had.
        LimitExceeded: Out of time.
    """
    text = _described(artifact.reader, artifact.reader.pread(0, 64))
    return _opaque(artifact, budget, "TensorRT", (("metadata", text),) if text else ())


def parse_rknn(artifact: Artifact, budget: Budget) -> Parsed:
    """Recognise a model for Rockchip's runtime and search it for libraries of the host.

    Raises:
        ReadError: The bytes cannot be had.
        LimitExceeded: Out of time.
    """
    return _opaque(artifact, budget, "RKNN", ())


def parse_mnn(artifact: Artifact, budget: Budget) -> Parsed:
    """Recognise a model for MNN: a FlatBuffer without marks, so by its name alone.

    Raises:
        ParseError: It is no FlatBuffer.
        ReadError: The bytes cannot be had.
        LimitExceeded: Out of time.
    """
    from .flatbuffer import Flat

    flat = Flat(artifact.reader, budget)
    root = flat.root()
    if not flat.vector(root, 3, 4)[1]:
        raise ParseError("there are no operators in it")
    return _opaque(artifact, budget, "MNN", ())


def _opaque(
    artifact: Artifact, budget: Budget, title: str, texts: tuple[tuple[str, str], ...]
) -> Parsed:
    found = _libraries(artifact.reader, budget)
    detail = f"a model compiled for {title}; what it holds is not examined"
    gaps = [Gap("unsupported", artifact.location(), detail, "compile it from a model you can scan")]
    size = artifact.reader.size
    if size > _SEARCHED:
        more = f"only the first {_SEARCHED} bytes were searched for libraries"
        gaps.append(Gap("limit", artifact.location(), more))
    members = [
        Member(
            at, f"bytes@{at}", partial(SubRangeReader, artifact.reader, at, size - at), guess=True
        )
        for at, _ in found
    ]
    model = Engine(title, "", tuple(found), texts=texts)
    return Parsed(model, members, tuple(gaps))


def _libraries(reader: Reader, budget: Budget) -> list[tuple[int, str]]:
    """Return where machine code for a host begins; code for graphics cards is ordinary here."""
    found: list[tuple[int, str]] = []
    for start in range(0, min(reader.size, _SEARCHED), _PIECE):
        budget.check_time()
        data = reader.pread(start, _PIECE + 64)
        at = data.find(b"\x7fELF")
        while 0 <= at < _PIECE and len(found) < _MOST_FOUND:
            inner = SubRangeReader(reader, start + at, reader.size - start - at)
            code = code_of(inner, inner.pread(0, 64))
            if code is not None and code.machine not in GPU and code.role in ("library", "program"):
                found.append((start + at, f"{code.kind} {code.role} ({code.machine})"))
            at = data.find(b"\x7fELF", at + 1)
    return found


def looks_like_ncnn(artifact: Artifact, head: bytes) -> bool:
    """Return True for the first two lines of a description of ncnn."""
    return bool(_NCNN.match(head))


def parse_ncnn(artifact: Artifact, budget: Budget) -> Parsed:
    """Read ncnn's description of a network.

    Raises:
        ParseError: It is no text, or longer than texts are read.
    """
    from .ncnn_layers import LAYERS

    size = artifact.reader.size
    if size > budget.limits.max_text:
        raise ParseError(f"a description of {size} bytes")
    lines = artifact.reader.pread(0, size).decode("utf-8", "replace").splitlines()
    counts = lines[1].split() if len(lines) > 1 else []
    if len(counts) != 2 or not all(count.isascii() and count.isdigit() for count in counts):
        raise ParseError("no counts of layers and blobs")
    rows = [row for line in lines[2:] if (row := line.split())]
    problems = []
    if counts[0] != str(len(rows)):
        problems.append(f"{counts[0][:20]} layers are announced, {len(rows)} are there")
    blobs: set[str] = set()
    for number, row in enumerate(rows):
        used = _row(row)
        if used is None:
            problems.append(f"line {number + 3} does not hold what its numbers say")
        else:
            blobs.update(used)
    if not problems and counts[1] != str(len(blobs)):
        problems.append(f"{counts[1][:20]} blobs are announced, {len(blobs)} are there")
    unknown = dict.fromkeys(row[0][:80] for row in rows if row[0] not in LAYERS)
    return Parsed(Engine("ncnn", "7767517", (), tuple(problems[:20]), tuple(unknown)))


def _row(row: list[str]) -> list[str] | None:
    """Return the names of the blobs of one layer; None when they are not as many as it says."""
    if len(row) < 4 or not all(word.isascii() and word.isdigit() for word in row[2:4]):
        return None
    if max(len(row[2]), len(row[3])) > 6:
        return None
    count = int(row[2]) + int(row[3])
    names = row[4 : 4 + count]
    return names if len(names) == count else None
