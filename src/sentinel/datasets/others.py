"""Everything that the readers of personal data take apart too: columns, databases, sheets."""

from __future__ import annotations

from ..artifacts import Artifact
from ..findings import Gap
from ..limits import Budget
from ..pii.model import STATISTICS, Batch, Text
from ..pii.sources import read
from .look import TextWatch
from .notes import Notes, Place
from .options import Options
from .table import TableWatch

_MOST_TABLES = 100
_LISTED = "[]"


def watch_pieces(
    artifact: Artifact, budget: Budget, options: Options, notes: Notes
) -> TableWatch | None:
    """Look at the text and the rows of a file; what is missing goes to ``notes``.

    Returns:
        What the rows of its first table have shown; None when it has none.
    """
    text = TextWatch()
    tables: dict[str, TableWatch] = {}
    for piece in read(artifact, budget, options.sampling):
        if isinstance(piece, Text):
            said = piece.data.decode("utf-8", "replace")
            text.feed(said, Place(0, piece.line), document=True)
        elif isinstance(piece, Batch):
            _batch(artifact, piece, text, tables, options, notes)
        elif isinstance(piece, Gap):
            notes.gaps.append(piece)
        elif options.pii is None:  # else the detector of personal data says so
            detail = f"read {piece.read} of {piece.total} {piece.unit}"
            notes.gaps.append(Gap("sampled", artifact.location(), detail))
    text.report(notes, artifact.location())
    for table in tables.values():
        table.finish(notes, budget)
    return next(iter(tables.values()), None)


def _batch(
    artifact: Artifact,
    batch: Batch,
    text: TextWatch,
    tables: dict[str, TableWatch],
    options: Options,
    notes: Notes,
) -> None:
    if batch.path == STATISTICS or not batch.columns:
        return
    columns = [list(column) for column in batch.columns]
    lengths = [len(column) for column in columns]
    # A column of lists has its values one after the other, however many a row has.
    single = [n for name, n in zip(batch.names, lengths, strict=False) if _LISTED not in name]
    height = max(single, default=0) or max(lengths)
    for name, column in zip(batch.names, columns, strict=False):
        text.feed("\n".join(column), Place(0, 0, name))
    known = tables.get(batch.path)
    if known is None:
        if len(tables) >= _MOST_TABLES:
            detail = f"more than {_MOST_TABLES} tables: the rows of the others were not looked at"
            notes.gaps.append(Gap("limit", artifact.location(), detail))
            return
        known = tables[batch.path] = TableWatch(options, artifact.location())
        known.begin(batch.names, [column[:500] for column in columns])
    known.feed(columns, rows=height)
