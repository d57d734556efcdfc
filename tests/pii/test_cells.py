"""Columns as one text: whichever way they are held, they say the same as a list of cells."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.pii.catalog import catalog
from sentinel.pii.cells import Cells, Lines, Listed
from sentinel.pii.column_facts import Found
from sentinel.pii.columns import Table
from sentinel.pii.judging import ColumnJudge
from sentinel.pii.model import Batch
from sentinel.pii.sources import arrow_columns
from sentinel.pii.sources.arrow_columns import ArrowNumbers, ArrowStrings
from sentinel.pii.text import TextEngine

LINE = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=6)
CELL = st.one_of(st.sampled_from(["", "a", "\n", "x\ny", "jo@acme-corp.com", "é"]), LINE)


def agree(cells: Cells, expected: Sequence[str]) -> None:
    assert len(cells) == len(expected)
    assert list(cells) == list(expected)
    assert cells[:3] == list(expected[:3])
    assert cells.filled == sum(map(bool, expected))
    assert cells.is_empty is not any(expected)
    for step, most in ((1, 300), (1, 2), (3, 5)):
        full = [(n, expected[n]) for n in range(0, len(expected), step) if expected[n]]
        assert cells.pick(step, most) == full[:most]


def text_agrees(cells: Cells, expected: Sequence[str]) -> None:
    assert cells.text == "\n".join(expected).encode()
    data, begin = cells.text, 0
    for index, end in enumerate(cells.ends()):
        assert data[begin : end - 1].decode() == expected[index]
        begin = end
    assert bool(cells.ends()) is any("\n" in cell for cell in expected)


@given(st.lists(CELL, max_size=20))
def test_cells_of_a_list(cells: list[str]) -> None:
    agree(Listed(cells), cells)
    text_agrees(Listed(cells), cells)


@given(st.lists(LINE, min_size=1, max_size=20))
def test_cells_of_lines(cells: list[str]) -> None:
    made = Lines("\n".join(cells).encode(), len(cells))
    agree(made, cells)
    text_agrees(made, cells)


KINDS = (pa.string(), pa.large_string(), pa.string_view())


@settings(deadline=None)  # the first of Arrow's functions takes a while to be found
@given(st.lists(st.one_of(st.none(), CELL), max_size=20), st.sampled_from(KINDS))
def test_cells_of_strings_of_arrow(values: list[str | None], kind: pa.DataType) -> None:
    cells = [value or "" for value in values]
    made = ArrowStrings(pa.array(["before", *values], kind)[1:])
    agree(made, cells)
    text_agrees(made, cells)


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(-(2**62), 2**62)), max_size=20))
def test_cells_of_numbers_of_arrow(values: list[int | None]) -> None:
    agree(ArrowNumbers(pa.array([7, *values], pa.int64())[1:]),
          ["" if value is None else str(value) for value in values])  # fmt: skip


def test_cells_of_dates_of_arrow() -> None:
    made = ArrowNumbers(pa.array([datetime.date(1980, 1, 2), None]))
    agree(made, ["1980-01-02", ""])
    assert made.is_number


def test_more_text_than_arrow_joins_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_columns, "_MOST_JOINED", 100)
    cells = [f"cell {number}" * (number % 5) for number in range(101)]
    text_agrees(ArrowStrings(pa.array(cells)), cells)


@pytest.mark.parametrize("index", [3, -4])
def test_there_are_no_more_cells(index: int) -> None:
    with pytest.raises(IndexError):
        Lines(b"a\nb\nc", 3)[index]


@pytest.fixture(scope="module")
def judge() -> ColumnJudge:
    return ColumnJudge(TextEngine(catalog()), catalog().types)


def found(judge: ColumnJudge, columns: list[Sequence[str]]) -> list[Found]:
    table = Table(TextEngine(catalog()), judge)
    for first in (1, 1 + len(columns[0])):
        table.add(Batch("", ("a", "e-mail", "no"), columns, first))
    return list(table.finish())


def test_tables_do_not_depend_on_how_cells_are_held(judge: ColumnJudge) -> None:
    notes = [f"note {n}" if n % 50 else f"call jo{n}@acme-corp.com\ntoday" for n in range(400)]
    mails = [f"jo{n}@acme-corp.com" if n % 3 else "" for n in range(400)]
    numbers = [str(4111111111111111 + n) for n in range(400)]
    expected = found(judge, [notes, mails, numbers])
    assert {one.type for one in expected} == {"EMAIL"}
    arrow = [pa.array(notes), pa.array([mail or None for mail in mails])]
    ways: list[list[Sequence[str]]] = [
        [Listed(notes), Lines("\n".join(mails).encode(), 400), Listed(numbers)],
        [*map(ArrowStrings, arrow), ArrowNumbers(pa.array(map(int, numbers)))],
    ]
    for way in ways:
        assert found(judge, way) == expected
