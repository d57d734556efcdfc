"""What a table of text looks like: its delimiter, and whether its first row is a header."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from io import StringIO

DELIMITERS = (",", "\t", ";", "|")
_BY_SUFFIX = {".tsv": "\t", ".tab": "\t", ".psv": "|"}
_ROWS = 200
_LONGEST_NAME = 80
_DATA = re.compile(
    r"@|://|\d.*\d.*\d.*\d.*\d|\A\s*[-+$€£]?\s*[\d.,]+\s*%?\s*\Z|\A\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
)
_YEAR = re.compile(r"\A\s*(?:1[89]|20)\d\d\s*\Z")


def delimiter_of(sample: str, name: str) -> str:
    """Return the delimiter of a table.

    The one that gives the most rows of one width, and the widest, is taken; where none gives two
    columns, the name decides.

    Args:
        sample: The first lines, whole.
        name: The file's name.
    """
    lowered = name.lower()
    default = next((mark for end, mark in _BY_SUFFIX.items() if lowered.endswith(end)), ",")
    scores = {mark: _score(sample, mark) for mark in dict.fromkeys((default, *DELIMITERS))}
    best = max(scores, key=lambda mark: scores[mark])
    return best if scores[best] > scores[default] * 1.2 else default


def _score(sample: str, delimiter: str) -> float:
    """Return how much like a table a text is with a delimiter; 0 for a single column."""
    widths: Counter[int] = Counter()
    try:
        for row in csv.reader(StringIO(sample, newline=""), delimiter=delimiter):
            if row:
                widths[len(row)] += 1
            if widths.total() >= _ROWS:
                break
    except csv.Error:
        pass
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
    share = count / widths.total()
    return share * share * min(width, 20) if width > 1 else 0.0


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Return True when the first of some rows names the columns.

    Names are short, differ from one another, and look like no data; and what is a name is no value
    further down.

    Args:
        rows: The first rows of the table.
    """
    if len(rows) < 2:
        return False
    first = [cell.strip() for cell in rows[0]]
    named = [cell for cell in first if cell]
    if not named or len(named) * 2 < len(first) or len(set(named)) * 2 < len(named):
        return False
    if first == [str(number) for number in range(len(first))]:
        return len(first) > 1
    if any(_is_data(cell) for cell in named):
        return False
    return not _recurs(first, rows[1:_ROWS])


def _is_data(cell: str) -> bool:
    return len(cell) > _LONGEST_NAME or (
        _DATA.search(cell) is not None and _YEAR.match(cell) is None
    )


def _recurs(first: list[str], rows: Sequence[Sequence[str]]) -> bool:
    """Return True when a cell of the first row occurs again in its column."""
    for index, cell in enumerate(first):
        if not cell:
            continue
        for row in rows:
            same = index < len(row) and row[index].strip() == cell
            if same and [one.strip() for one in row] != first:
                return True
    return False
