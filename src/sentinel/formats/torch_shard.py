"""Shards of a distributed checkpoint (``.distcp``): zip archives one behind another.

``torch.distributed.checkpoint`` writes each tensor with ``torch.save`` into the same file; the
``.metadata`` pickle beside it says where each begins. Each archive is read in its own right. Only
a file that is such archives to the last byte counts, and only under its own name: anywhere else,
one archive behind another shows two readers two things.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..limits import Budget
from ..readers import SubRangeReader
from ..readers.base import Reader
from . import Member, Parsed
from .archive.zip_records import (
    END64_SIZE,
    END_SIZE,
    LOCAL,
    LOCATOR64_SIZE,
    read_end,
    read_end64,
    read_locator,
)

_SUFFIX = ".distcp"
_TAIL = END64_SIZE + LOCATOR64_SIZE + END_SIZE


class TorchShard(NamedTuple):
    """A shard: ``(start, end)`` of its archives, in file order."""

    pieces: tuple[tuple[int, int], ...]


def looks_like_shard(artifact: Artifact, head: bytes) -> bool:
    """Return True for a ``.distcp`` file that is zip archives from its first byte to its last.

    Args:
        artifact: A zip archive.
        head: Its first bytes.
    """
    if not artifact.leaf.lower().endswith(_SUFFIX) or not head.startswith(LOCAL):
        return False
    end = artifact.reader.size
    while end > 0:
        start = _start(artifact.reader, end)
        if start is None:
            return False
        end = start
    return True


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Cut a shard into its archives.

    Raises:
        ParseError: There is something else between them.
        LimitExceeded: There are more than the limit on members, or out of time.
    """
    pieces: list[tuple[int, int]] = []
    end = artifact.reader.size
    while end > 0:
        budget.check_time()
        start = _start(artifact.reader, end)
        if start is None:
            raise ParseError(f"no archive ends at {end}")
        if len(pieces) >= budget.limits.max_members:
            raise LimitExceeded(f"more than {budget.limits.max_members} archives in one shard")
        pieces.append((start, end))
        end = start
    model = TorchShard(tuple(reversed(pieces)))
    return Parsed(model, _members(artifact, model))


def _members(artifact: Artifact, model: TorchShard) -> Iterator[Member]:
    for start, end in model.pieces:
        window = partial(SubRangeReader, artifact.reader, start, end - start)
        yield Member(start, f"archive@{start}", window)


def _start(reader: Reader, end: int) -> int | None:
    """Return where the archive begins that ends at an offset; None when none does."""
    base = max(0, end - _TAIL)
    tail = reader.pread(base, end - base)
    at = len(tail) - END_SIZE
    record = read_end(tail, at, base) if at >= 0 else None
    if record is None or record.comment:
        return None
    before = at - LOCATOR64_SIZE
    claimed = read_locator(tail[before:at]) if before >= END64_SIZE else None
    if claimed is not None:
        first = before - END64_SIZE
        record = read_end64(tail[first:before], base + first, 0)
        if record is None:
            return None
    start = record.offset - record.size - record.start
    if not 0 <= start < record.offset or reader.pread(start, len(LOCAL)) != LOCAL:
        return None
    return start
