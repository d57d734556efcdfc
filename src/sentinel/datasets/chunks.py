"""Text of a file in chunks of whole lines, and how its encoding holds up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..artifacts import Artifact
from ..findings import Gap
from ..limits import Budget
from ..pii.model import Skipped, Text
from ..pii.sources import Sampling
from ..pii.sources.encodings import to_utf8
from ..pii.sources.text import blocks, lines
from .notes import Notes, Place, Tally


class Chunk(NamedTuple):
    """Whole lines of a text.

    Attributes:
        text: The lines.
        line: Number of the first, 1-based; 0 where that is not known.
    """

    text: str
    line: int


def chunks(
    artifact: Artifact, budget: Budget, notes: Notes, sampling: Sampling | None = None
) -> Iterator[Chunk]:
    """Yield the text of a file; what is no UTF-8, and what is left out, goes to ``notes``.

    Args:
        artifact: The file.
        budget: The time, and the longest line.
        notes: Takes what is wrong.
        sampling: A larger file is read in parts.

    Raises:
        ParseError: It is no text.
        ReadError: It cannot be read.
        LimitExceeded: Out of time.
    """
    sampling = sampling or Sampling()
    broken = Tally()
    if artifact.reader.size > sampling.over and not sampling.full:
        yield from _sampled(artifact, budget, notes, sampling)
        return
    line = 1
    try:
        for data in _whole_lines(artifact, budget, notes):
            try:
                text = data.decode()
            except UnicodeDecodeError as error:
                at = line + data.count(b"\n", 0, error.start)
                broken.add(Place(0, at), f"0x{data[error.start]:02x}")
                text = to_utf8(data).decode("utf-8", "replace")
            yield Chunk(text, line)
            line += data.count(b"\n")
    finally:
        if broken.number:
            says = "bytes that are no UTF-8, as the file is read elsewhere"
            notes.add(broken.note("not-utf8", says)._replace(number=0))


def _whole_lines(artifact: Artifact, budget: Budget, notes: Notes) -> Iterator[bytes]:
    rest: list[bytes] = []
    held = 0
    for block in blocks(artifact, budget):
        end = block.rfind(b"\n") + 1
        if not end:
            rest.append(block)
            held += len(block)
        else:
            yield b"".join((*rest, block[:end]))
            rest, held = [block[end:]], len(block) - end
        if held > budget.limits.max_text:
            _note_long(artifact, budget, notes)
            yield b"".join(rest)
            rest, held = [], 0
    last = b"".join(rest)
    if last:
        yield last


def _note_long(artifact: Artifact, budget: Budget, notes: Notes) -> None:
    detail = f"a line longer than {budget.limits.max_text} bytes; it was looked at in parts"
    gap = Gap("limit", artifact.location(), detail, "raise --max-text")
    if gap not in notes.gaps:
        notes.gaps.append(gap)


def _sampled(
    artifact: Artifact, budget: Budget, notes: Notes, sampling: Sampling
) -> Iterator[Chunk]:
    for piece in lines(artifact, budget, sampling):
        if isinstance(piece, Text):
            yield Chunk(piece.data.decode("utf-8", "replace"), piece.line)
        elif isinstance(piece, Skipped):
            share = 100 * piece.read / piece.total
            detail = f"read {share:.1f} % of {piece.total / 1e6:.0f} MB, spread over the file"
            notes.gaps.append(Gap("sampled", artifact.location(), detail, "use --full"))
        elif isinstance(piece, Gap):
            notes.gaps.append(piece)
