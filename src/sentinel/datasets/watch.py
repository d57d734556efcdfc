"""Chooses who looks at a file, by what it is."""

from __future__ import annotations

from ..artifacts import Artifact
from ..errors import SentinelError
from ..findings import Gap
from ..limits import Budget
from ..pii.sources import gap_of
from .binary_cells import watch_bytes
from .chunks import chunks
from .csv_rows import watch_csv
from .json_rows import LINES, watch_json
from .kinds import Kind
from .look import TextWatch
from .members import watch_members
from .notes import Notes, Place
from .options import Options
from .others import watch_pieces
from .pictures import watch_picture, watch_svg
from .table import TableWatch

_TABLES = (".csv", ".tsv", ".psv", ".tab")
_JSON = (".json", ".geojson", *LINES)
_PIECES = ("columns", "array", "document", "pickle")
_TEXTS = ("text", "json", "markup", "svg", "script")


def watch(
    artifact: Artifact, kind: Kind, budget: Budget, options: Options, notes: Notes
) -> TableWatch | None:
    """Look at a file.

    Args:
        artifact: The file, or a member of one.
        kind: What it is.
        budget: What may be spent.
        options: How the dataset is validated.
        notes: Takes all that is seen.

    Returns:
        What the rows of its table have shown; None when it has none.

    Raises:
        SentinelError: It cannot be read to the end.
    """
    leaf = artifact.leaf.lower()
    if kind.family == "picture":
        watch_picture(artifact, budget, notes)
    elif kind.family == "media":
        detail = f"{kind.title}: its structure is not read"
        notes.gaps.append(Gap("unsupported", artifact.location(), detail))
    elif kind.family in ("zip", "packed", "stream"):
        watch_members(artifact, budget, options, notes, watch)
    elif kind.family in _PIECES:
        if kind.family == "columns":
            try:
                watch_bytes(artifact, budget, notes)
            except SentinelError as error:  # its text and rows are looked at all the same
                notes.gaps.append(gap_of(artifact, error))
        return watch_pieces(artifact, budget, options, notes)
    elif kind.family in _TEXTS and leaf.endswith(_TABLES):
        return watch_csv(artifact, budget, options, notes)
    elif kind.family in ("text", "json") and leaf.endswith(_JSON):
        return watch_json(artifact, budget, options, notes)
    elif kind.family in _TEXTS:
        _text(artifact, kind, budget, options, notes)
    return None


def _text(artifact: Artifact, kind: Kind, budget: Budget, options: Options, notes: Notes) -> None:
    watched = TextWatch()
    try:
        for chunk in chunks(artifact, budget, notes, options.sampling):
            is_json = kind.family == "json"
            watched.feed(chunk.text, Place(0, chunk.line), escapes=is_json, document=True)
            if kind.family == "svg":
                watch_svg(chunk.text, notes)
    finally:
        watched.report(notes, artifact.location())
