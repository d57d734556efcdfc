"""Reads a file of R objects: one (``.rds``), or variables by name (``.rda``, ``.RData``)."""

from __future__ import annotations

from functools import partial

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError, UnsupportedError
from ...findings import Gap
from ...limits import Budget
from ...readers import SubRangeReader
from .. import Member, Parsed
from .model import RFile
from .source import AsciiSource, Source
from .walk import Walk

_FORMS = {b"X": "xdr", b"A": "ascii", b"B": "binary"}
_WORKSPACE = (b"RDX", b"RDA", b"RDB")


def looks_like_text(artifact: Artifact, head: bytes) -> bool:
    """Return True for R objects in ASCII; what the hint asks for is all there is to see.

    Args:
        artifact: The content.
        head: Its first few kilobytes.
    """
    return head[:1] == b"A"


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a file of R objects.

    Returns:
        An ``RFile``; raw vectors and what follows the object as members; a gap where reading
        stopped early.

    Raises:
        ParseError: It is no such file, or of a version from before R 1.4.
        ReadError: The file cannot be read.
    """
    head = artifact.reader.pread(0, 8)
    workspace = head[:3] in _WORKSPACE
    if workspace and head[3:5] not in (b"2\n", b"3\n"):
        raise UnsupportedError("a workspace of R before 1.4 is not read")
    start = 5 if workspace else 0
    form = _FORMS.get(head[start : start + 1], "")
    if not form or head[start + 1 : start + 2] not in (b"\n", b"\r"):
        raise ParseError("no serialised R object")
    start += 2 if head[start + 1 : start + 2] == b"\n" else 3
    return _read(artifact, budget, start, form, workspace)


def _read(artifact: Artifact, budget: Budget, start: int, form: str, workspace: bool) -> Parsed:
    kind = AsciiSource if form == "ascii" else Source
    source = kind(artifact.reader, start, "little" if form == "binary" else "big")
    version = source.integer()
    if version not in (2, 3):
        raise UnsupportedError(f"version {version} of R's serialisation is not read")
    source.integer()
    source.integer()
    if version == 3:
        source.text(min(source.integer(), 1_000))
    walk = Walk(source, budget)
    gaps: list[Gap] = []
    try:
        walk.run(workspace)
    except ParseError as error:
        hint = "get the file again from its source"
        gaps.append(Gap("malformed", artifact.location(source.position), error.message, hint))
    except LimitExceeded as error:
        gaps.append(Gap("limit", artifact.location(source.position), error.message, error.hint))
    model = RFile(
        form, version, workspace, walk.codes(), tuple(walk.names), dict(walk.counts),
        tuple(walk.packages), tuple(walk.hooks), not gaps, source.position,
    )  # fmt: skip
    return Parsed(model, _members(artifact, walk, model), tuple(gaps))


def _members(artifact: Artifact, walk: Walk, model: RFile) -> list[Member]:
    ranges = [(offset, length, f"raw@{offset}") for offset, length in walk.blobs]
    rest = artifact.reader.size - model.end
    if model.complete and rest > 1:
        ranges.append((model.end, rest, f"bytes@{model.end}"))
    return [
        Member(offset, name, partial(SubRangeReader, artifact.reader, offset, length), guess=True)
        for offset, length, name in ranges
    ]
