"""What a source makes of bytes, for the tests of the sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sentinel.artifacts import Artifact
from sentinel.findings import Gap
from sentinel.limits import DEFAULT_LIMITS, Budget, Limits
from sentinel.pii.model import Batch, Piece, Text
from sentinel.pii.sources import Sampling, read
from sentinel.readers import MemoryReader
from sentinel.readers.base import Reader

EMAILS = [f"person{number}.surname@mail{number % 7}.example-corp.org" for number in range(200)]
IBANS = [f"DE{number % 90 + 10}50010517{number * 7919 + 1_000_000_000}" for number in range(100)]
PLANTED = EMAILS + IBANS


def pieces(
    data: bytes | Reader,
    name: str,
    limits: Limits = DEFAULT_LIMITS,
    sampling: Sampling | None = None,
) -> list[Piece]:
    """Return everything that comes out of bytes under a name."""
    reader = MemoryReader(data) if isinstance(data, bytes) else data
    return list(read(Artifact(name, reader), Budget(limits), sampling or Sampling()))


def strings(found: Iterable[Piece]) -> Iterator[str]:
    """Yield every text and every cell."""
    for piece in found:
        if isinstance(piece, Text):
            yield piece.data.decode("utf-8", "replace")
        elif isinstance(piece, Batch):
            for column in piece.columns:
                yield from column


def missing(found: Iterable[Piece], planted: Iterable[str] = PLANTED) -> list[str]:
    """Return the planted values that came out nowhere."""
    everything = "\n".join(strings(found))
    return [value for value in planted if value not in everything]


def gaps(found: Iterable[Piece]) -> list[str]:
    """Return the reasons of the gaps."""
    return [piece.reason for piece in found if isinstance(piece, Gap)]


def texts(found: Iterable[Piece]) -> list[Text]:
    """Return the texts."""
    return [piece for piece in found if isinstance(piece, Text)]


def batches(found: Iterable[Piece]) -> list[Batch]:
    """Return the batches."""
    return [piece for piece in found if isinstance(piece, Batch)]


def columns(found: Iterable[Piece]) -> dict[str, list[str]]:
    """Return the cells of all batches by name of the column."""
    cells: dict[str, list[str]] = {}
    for batch in batches(found):
        for name, column in zip(batch.names, batch.columns, strict=True):
            cells.setdefault(name, []).extend(column)
    return cells
