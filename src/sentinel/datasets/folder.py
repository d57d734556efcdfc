"""What can be told of a folder as a whole: shared rows, same files, parts that do not fit."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Sequence

from ..rules.dataset_notes import Note
from .notes import Notes
from .splits import SPLIT, watch_splits
from .validate import Seen

_NUMBERS = re.compile(r"\d+")
_LISTED = 5


def watch_folder(top: str, seen: Sequence[Seen], notes: Notes) -> None:
    """Compare the files of a folder with each other.

    Args:
        top: The folder.
        seen: What was kept of its files.
        notes: Takes what is seen.
    """
    watch_splits(top, seen, notes)
    _same(top, seen, notes)
    _drift(top, seen, notes)


def _same(top: str, seen: Sequence[Seen], notes: Notes) -> None:
    files: defaultdict[str, list[str]] = defaultdict(list)
    for one in seen:
        if one.sha256:
            files[one.sha256].append(os.path.relpath(one.path, top))
    for paths in (found for found in files.values() if len(found) > 1):
        several = len({os.path.dirname(path) for path in paths}) > 1
        shown = ", ".join(paths[:_LISTED])
        kind = "same-files-classes" if several else "same-files"
        notes.add(Note(kind, f"{len(paths)} files are the same", shown, len(paths), len(seen)))


def _drift(top: str, seen: Sequence[Seen], notes: Notes) -> None:
    parts: defaultdict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
    for one in seen:
        if any(one.names):
            path = os.path.relpath(one.path, top)
            # "train-00001-of-00002" and "test-00000-of-00001" are parts of one table.
            stem = _NUMBERS.sub("0", SPLIT.sub("", path))
            if stem != path:
                parts[stem].setdefault(one.names, path)
    for shapes in (found for found in parts.values() if len(found) > 1):
        (names, path), *others = shapes.items()
        for more, other in others[:_LISTED]:
            apart = sorted(set(names) ^ set(more)) or ["their order"]
            says = f"{path} and {other} have different columns"
            notes.add(Note("drift", says, ", ".join(apart)[:300], len(apart), len(names)))
