"""Tables of text: delimiters, headers, quotes, ragged and hostile rows."""

from __future__ import annotations

import csv
import io
import os
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.limits import MIB
from sentinel.pii.sources import csv_text
from sentinel.pii.sources.csv_dialect import delimiter_of, has_header
from sentinel.pii.sources.csv_split import arrow_splitter, split, split_plain
from sentinel.pii.sources.rows import MOST_COLUMNS
from tests.pii.reading import EMAILS, IBANS, batches, columns, gaps, missing, pieces, texts


def table(delimiter: str = ",", rows: int = 200) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["id", "Full Name", "e-mail", "iban", "note"])
    for number in range(rows):
        note = f'said "hi",\nthen; left | {number}' if number % 3 else ""
        row = [number, f"Name {number}", EMAILS[number % 200], IBANS[number % 100], note]
        writer.writerow(row)
    return out.getvalue().encode()


@pytest.mark.parametrize(
    ("delimiter", "name"),
    [(",", "a.csv"), (";", "a.csv"), ("\t", "a.tsv"), ("\t", "a.csv"), ("|", "a.psv"),
     ("|", "a.csv")],
)  # fmt: skip
def test_rows_come_out_by_column(delimiter: str, name: str) -> None:
    found = columns(pieces(table(delimiter), name))
    assert list(found) == ["id", "Full Name", "e-mail", "iban", "note"]
    assert found["e-mail"] == EMAILS
    assert found["note"][1] == 'said "hi",\nthen; left | 1'


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32-le", "latin-1"])
def test_the_encoding_does_not_matter(encoding: str) -> None:
    data = "name,ort\nJörg,Köln\nÄnne,Wien\n".encode(encoding)
    assert columns(pieces(data, "a.csv")) == {"name": ["Jörg", "Änne"], "ort": ["Köln", "Wien"]}


def test_rows_know_their_lines() -> None:
    data = b'\n# list\nname,note\nJo,"two\nlines"\n\nAl,x\n'
    (batch,) = batches(pieces(data, "a.csv"))
    assert list(batch.lines) == [4, 7]
    assert batch.first == 1


def test_large_tables_are_read_in_batches_that_join() -> None:
    rows = 40_000
    found = pieces(table(rows=rows), "a.csv")
    made = batches(found)
    assert len(made) > 2
    assert len({batch.names for batch in made}) == 1
    assert [batch.first for batch in made] == [
        1 + sum(len(batch.columns[0]) for batch in made[:index]) for index in range(len(made))
    ]
    assert columns(found)["id"] == [str(number) for number in range(rows)]


def test_the_fast_way_and_the_slow_way_agree_on_lines() -> None:
    plain = b"a,b\n" + b"".join(b"%d,x\r\n" % number for number in range(400_000))
    line = 2
    for batch in batches(pieces(plain, "a.csv")):
        assert list(batch.lines[:3]) == [line, line + 1, line + 2]
        assert batch.columns[0][0] == str(line - 2)
        line += len(batch.columns[0])
    assert line == 400_002


def test_a_table_without_a_header_keeps_its_first_row() -> None:
    found = columns(pieces(b"Jo,jo@x.example.org,1\nAl,al@x.example.org,2\n", "a.csv"))
    assert found[""] == ["Jo", "Al", "jo@x.example.org", "al@x.example.org", "1", "2"]


def test_a_header_is_text_too() -> None:
    found = texts(pieces(b"name,town\nA,B\nC,D\n", "a.csv"))
    assert [(piece.data, piece.line) for piece in found] == [(b"name,town", 1)]


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        ([["name", "age"], ["Jo", "5"]], True),
        ([["Country", "1990", "1991"], ["Chad", "1.5", "2"]], True),
        ([["0", "1", "2"], ["Jo", "5", "x"]], True),
        ([["", "name"], ["0", "Jo"]], True),
        ([["Jo", "5"], ["Al", "6"]], False),
        ([["Jo", "jo@x.org"], ["Al", "al@x.org"]], False),
        ([["Berlin", "north"], ["Rome", "south"], ["Oslo", "north"]], False),
        ([["1980-01-02", "x"], ["1981-01-02", "y"]], False),
        ([["value"]], False),
        ([], False),
    ],
)
def test_what_a_header_is(rows: list[list[str]], answer: bool) -> None:
    assert has_header(rows) is answer


def test_the_name_decides_where_nothing_else_does() -> None:
    assert delimiter_of("one\ntwo\n", "a.tsv") == "\t"
    assert delimiter_of("one\ntwo\n", "a.csv") == ","
    assert delimiter_of("a;b,c\nd;e\nf;g,h\n", "a.csv") == ";"


def test_ragged_rows_are_filled_up() -> None:
    found = pieces(b"a,b,c\n1\n2,3,4,5@x.org\n6,7\n", "a.csv")
    made = columns(found)
    assert made["a"] == ["1", "2", "6"]
    assert made["c"] == ["", "4", ""]
    assert "5@x.org" in made[""]


def test_a_quote_that_never_ends_hides_nothing() -> None:
    start = b'id,mail\n1,"oops\n'
    rest = b"".join(b"%d,user%d@mail.example.org\n" % (n, n) for n in range(250_000))
    found = pieces(start + rest, "a.csv")
    wanted = [f"user{n}@mail.example.org" for n in range(0, 250_000, 997)]
    assert missing(found, wanted) == []


def test_a_million_columns_are_bounded_and_all_there() -> None:
    wide = ",".join(f"v{number}" for number in range(1_000_000)) + "\n"
    found = pieces((wide + "1,2,3\n" + wide).encode(), "a.csv")
    assert max(len(batch.columns) for batch in batches(found)) <= MOST_COLUMNS
    cells = sum(len(column) for batch in batches(found) for column in batch.columns)
    assert cells < 8 * 2_100_000
    assert missing(found, ["v4095", "v4096", "v500000", "v999999"]) == []


def test_wide_rows_among_narrow_ones_do_not_multiply() -> None:
    wide = ",".join(["x"] * 4000) + "\n"
    found = pieces((("a\n" * 50_000 + wide) * 5).encode(), "a.csv")
    cells = sum(len(column) for batch in batches(found) for column in batch.columns)
    assert cells < 8 * 300_000 + 10 * 70_000


def test_one_long_line_is_bounded() -> None:
    data = b"mail,x\n" + b",".join(b"user%d@x.example.org" % n for n in range(300_000))
    found = pieces(data, "a.csv")
    assert missing(found, ["user1@x.example.org", "user299999@x.example.org"]) == []


def test_nul_bytes_are_no_end() -> None:
    data = b"a,b\n1,x\0y\n2,jo@x.example.org\n" * 3
    found = pieces(data, "a.csv")
    assert gaps(found) == []
    assert missing(found, ["jo@x.example.org"]) == []


def test_a_binary_with_the_name_of_a_table_is_none() -> None:
    assert gaps(pieces(random.Random(1).randbytes(4000), "a.csv")) == ["unrecognised"]


def test_the_module_wide_limit_is_put_back() -> None:
    before = csv.field_size_limit()
    pieces(table(), "a.csv")
    assert csv.field_size_limit() == before


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=30))
def test_every_cell_comes_out(rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["name of it", "what it is"], *rows])
    found = pieces(out.getvalue().encode(), "a.csv")
    everything = [cell for batch in batches(found) for column in batch.columns for cell in column]
    seen = [cell.strip() for cell in everything] + [text.data.decode() for text in texts(found)]
    for row in rows:
        for cell in row:
            plain = cell.replace("\r\n", "\n").strip()
            assert any(plain in one.replace("\r\n", "\n") for one in seen)


CELL = st.sampled_from(["", "a", "b c", "\n", "\r", '"d"', '"e,f"', '"', '""', '"g""h"', '"i\n"'])


@given(st.lists(st.lists(CELL, max_size=4), max_size=8))
def test_splitting_agrees_with_a_reader(rows: list[list[str]]) -> None:
    text = "".join(",".join(row) + "\n" for row in rows)
    fast = split(text.encode(), b",") if text else None
    if fast is not None:
        slow = [row or [""] for row in csv.reader(io.StringIO(text, newline=""))]
        assert [list(row) for row in zip(*fast, strict=True)] == slow


BYTE = st.sampled_from([b"", b"a", b"b c", b"\n", b'"', b"\0", b"'", b"\\", b"\xef\xbb\xbf", b"#",
                        b"NULL", b"\xc3\xa9", b"\x0b", b"007", b" ", b"\t", b";"])  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.lists(BYTE, min_size=1, max_size=4), min_size=1, max_size=8), st.booleans())
def test_arrow_splits_as_we_do(rows: list[list[bytes]], is_even: bool) -> None:
    fast = arrow_splitter()
    assert fast is not None
    rows = [(row * 3)[:3] for row in rows] if is_even else rows
    data = b"\n".join(b",".join(row) for row in rows)
    made, expected = fast(data, b","), split_plain(data, b",")
    if made is not None:
        assert expected is not None
        assert [column.text for column in made] == [column.text for column in expected]
        assert [column.filled for column in made] == [column.filled for column in expected]


def test_arrow_splits_what_it_is_for() -> None:
    fast = arrow_splitter()
    assert fast is not None
    made = fast(b'007,"x",\n,NULL,\xc3\xa9', b",")
    assert made is not None
    assert [column.text for column in made] == [b"007\n", b'"x"\nNULL', "\né".encode()]


def test_large_tables_are_the_same_with_arrow_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    data = table(rows=3_000) + b"1,2,3,4,5\n" * 40_000 + b'7,"a,b"\n'
    data += b"\xff,\xe9,x,y,z\n" * 70_000
    expected = pieces(data, "a.csv")
    monkeypatch.setattr(csv_text, "_LARGE", 0)
    found = pieces(data, "a.csv")
    assert columns(found) == columns(expected)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "pyarrow.csv")
    assert arrow_splitter() is None
    assert columns(pieces(data, "a.csv")) == columns(expected)


def test_small_tables_do_without_pyarrow() -> None:
    code = (
        "import sys; from sentinel.pii import scan_bytes;"
        "scan_bytes(b'a,b\\n1,2\\n' * 9000, 'a.csv');"
        "print('pyarrow' in sys.modules, 'numpy' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


def test_a_cell_of_a_megabyte_is_kept() -> None:
    cell = "w " * (MIB // 2) + EMAILS[0]
    found = pieces(f'a,b\n1,"{cell}"\n2,"z"\n'.encode(), "a.csv")
    assert missing(found, [EMAILS[0], "z"]) == []
