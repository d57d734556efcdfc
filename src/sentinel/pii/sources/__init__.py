"""Readers of what personal data travels in: one line each, imported only when they are met.

A source has the signature ``read(artifact, budget, sampling) -> Iterator[Piece]``. It yields text
and batches of rows in bounded pieces, ``Skipped`` for what sampling left out, and a ``Gap`` for
what cannot be read: never silence. It raises nothing but ``SentinelError``, which ``read`` below
turns into a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import NamedTuple, cast

from ...artifacts import Artifact
from ...errors import LimitExceeded, ReadError, SentinelError, UnsupportedError
from ...findings import Gap
from ...limits import Budget
from ..model import Piece


class Sampling(NamedTuple):
    """How much of a large file is read.

    Attributes:
        full: Whether everything is read whatever its size.
        over: Bytes above which a file is sampled.
        head: Bytes read from the start of a sampled text.
        windows: Further windows of ``window`` bytes at line ends, spread over the rest.
        window: Bytes of each.
    """

    full: bool = False
    over: int = 256 * 1024 * 1024
    head: int = 16 * 1024 * 1024
    windows: int = 64
    window: int = 1024 * 1024


class Source(NamedTuple):
    """One line of the table of sources.

    Attributes:
        name: Short name (``csv``, ``xlsx``).
        suffixes: Lower-case file name endings, with the dot.
        names: Lower-case whole file names.
        magic: ``(offset, bytes)`` pairs, any of which decides whatever the name. A source that has
            some is never chosen by name.
        read: ``module:function`` below ``sentinel.pii.sources``.
    """

    name: str
    suffixes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    magic: tuple[tuple[int, bytes], ...] = ()
    read: str = ""


TEXT = Source("text", read="text:read")
"""What everything is read as that is nothing else."""

SOURCES: tuple[Source, ...] = (
    Source("notebook", (".ipynb",), read="notebook:read"),
    Source(
        "json",
        (".json", ".jsonl", ".ndjson", ".jsonlines", ".ldjson", ".geojson", ".har"),
        read="json_text:read",
    ),
    Source("csv", (".csv", ".tsv", ".psv", ".tab"), read="csv_text:read"),
)
"""All sources; the first whose magic, then whose name fits is taken, else plain text."""

_HEAD = 4096
_POINTERS = {
    "Git LFS": "run `git lfs pull` and scan again",
    "DVC": "run `dvc pull` and scan the file it brings",
}


def pick(artifact: Artifact, head: bytes) -> Source:
    """Return the source that reads an artifact.

    Args:
        artifact: The file; only its name counts.
        head: Its first 4096 bytes.
    """
    for source in SOURCES:
        if any(head.startswith(mark, offset) for offset, mark in source.magic):
            return source
    leaf = artifact.leaf.lower()
    for source in SOURCES:
        if not source.magic and (leaf in source.names or leaf.endswith(source.suffixes)):
            return source
    return TEXT


def read(artifact: Artifact, budget: Budget, sampling: Sampling | None = None) -> Iterator[Piece]:
    """Yield all there is to look at in an artifact.

    Args:
        artifact: The file, or a member of one.
        budget: Limits and clock.
        sampling: How much of a large file is read.

    Yields:
        Text, batches of rows, what was skipped, and gaps. Nothing for an empty file.
    """
    try:
        head = artifact.reader.pread(0, _HEAD)
        if head:
            yield from _pieces(artifact, head, budget, sampling or Sampling())
    except SentinelError as error:
        yield gap_of(artifact, error)


def _pieces(artifact: Artifact, head: bytes, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    from ...formats.identify import pointer_of

    pointer = pointer_of(head)
    if pointer:
        detail = f"a {pointer} pointer; the file itself is not here"
        yield Gap("pointer", artifact.location(), detail, _POINTERS[pointer])
        return
    module, _, function = pick(artifact, head).read.partition(":")
    reader = getattr(import_module(f"{__name__}.{module}"), function)
    yield from cast("Callable[..., Iterator[Piece]]", reader)(artifact, budget, sampling)


def gap_of(artifact: Artifact, error: SentinelError) -> Gap:
    """Return the gap that an error leaves."""
    reason = "malformed"
    if isinstance(error, LimitExceeded):
        reason = "limit"
    elif isinstance(error, UnsupportedError):
        reason = "unsupported"
    elif isinstance(error, ReadError):
        reason = "unreadable"
    return Gap(reason, artifact.location(), error.message, error.hint)
