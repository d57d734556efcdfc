"""Tables within text: Markdown, HTML and SQL, by column and line, beside the text itself."""

from __future__ import annotations

import json
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.limits import KIB, MIB
from sentinel.pii import scan_bytes
from sentinel.pii.model import Text
from sentinel.pii.sources import Sampling
from tests.pii.reading import batches, columns, gaps, pieces, texts

NAMES = ("first_name", "last_name", "dob", "phone", "address", "ssn")
PEOPLE = (
    ("Jane", "Miller", "1981-02-03", "212-555-0187", "12 Oak Street", "401-33-2211"),
    ("Peter", "Smith", "1975-11-23", "415-555-0132", "7 Elm Avenue", "219-08-9998"),
    ("Maria", "O'Garcia", "1990-06-30", "312-555-0155", "99 Lake Road", "457-55-5462"),
    ("John", "Brown", "1966-01-15", "646-555-0121", "4 Main Street", "536-22-1234"),
    ("Anna", "Jones", "1988-08-08", "718-555-0199", "3 Hill Road", "408-33-2217"),
)
QUOTE = "'"
TYPES = {"PERSON", "DATE_OF_BIRTH", "PHONE", "STREET_ADDRESS", "US_SSN"}


def quoted(row: tuple[str, ...]) -> str:
    return "(" + ", ".join("'" + cell.replace("'", "''") + "'" for cell in row) + ")"


def tuples(separator: str) -> str:
    return separator.join(map(quoted, PEOPLE))


def cast(row: tuple[str, ...]) -> str:
    cells = [f"N'{cell.replace(QUOTE, QUOTE * 2)}'" for cell in row]
    return f"({', '.join(cells[:2])}, CAST({cells[2]} AS Date), {', '.join(cells[3:])})"


def marked(row: tuple[str, ...]) -> str:
    return (
        f"> | *{row[0]}* | [{row[1]}](x.md) | `{row[2]}` | {row[3]}<br> | {' | '.join(row[4:])}\n"
    )


TABS = "".join("\t".join(row) + "\n" for row in PEOPLE)
BARS = "".join("| " + " | ".join(row) + " |\n" for row in PEOPLE)
CREATE = (
    "CREATE TABLE IF NOT EXISTS people (\n  -- it's who they are, all of them\n"
    + "".join(f"  `{name}` varchar(40) DEFAULT 'a,)b' NOT NULL,\n" for name in NAMES)
    + "  PRIMARY KEY (`ssn`),\n  KEY `by_name` (`last_name`, `first_name`)\n);\n"
)
TABLES = {
    "insert.sql": f"INSERT INTO public.people ({', '.join(NAMES)}) VALUES\n"
    + tuples(",\n") + ";\n",
    "extended.sql": "-- MySQL dump 10.13\n" + CREATE.replace("\n);", "\n) ENGINE=InnoDB;")
    + f"INSERT INTO `people` VALUES {tuples(',')};\n",
    "lite.sql": "PRAGMA foreign_keys=OFF;\nCREATE TABLE people(" + ",".join(NAMES) + ");\n"
    + "".join(f"INSERT INTO people VALUES{quoted(row)};\n" for row in PEOPLE),
    "server.sql": "".join(
        f"INSERT [dbo].[people] ([{'], ['.join(NAMES)}]) VALUES {cast(row)}\nGO\n" for row in PEOPLE
    ),
    "copy.sql": f"COPY public.people ({', '.join(NAMES)}) FROM stdin;\n{TABS}"
    + "\\.\n\nSELECT 1;\n",
    "copy-dump.txt": "-- PostgreSQL database dump\n\n"
    f"COPY people ({', '.join(NAMES)}) FROM stdin;\n{TABS}" + "\\.\n",
    "bars.md": f"# Staff\n\n| {' | '.join(NAMES)} |\n|{' --- |' * 6}\n{BARS}\nThat is all.\n",
    "aligned.rst": f"{' | '.join(NAMES)}\n:-- | {' | '.join(['--:'] * 5)}\n"
    + BARS.replace("\n| ", "\n")[2:],
    "marked.md": f"> | **{'** | **'.join(NAMES)}** |\n> |{'-|' * 6}\n"
    + "".join(map(marked, PEOPLE)),
    "page.html": "<html>\n<table>\n<thead><tr><th>" + "</th><th>".join(NAMES)
    + "</th></tr></thead>\n"
    + "".join("<tr>\n<td>" + "</td>\n<td>".join(row) + "</td>\n</tr>\n" for row in PEOPLE)
    + "</table>\n",
    "loose.htm": "<TABLE border=1><TR><TD><b>" + "</b><TD><b>".join(NAMES) + "</b>\n"
    + "".join(f"<TR><TD class='a'>{'<TD>'.join(row)}\n" for row in PEOPLE) + "</TABLE>",
    "within.md": "# Staff\n<table><tr><td>layout<table><tr><th></th><th>"
    + "</th><th>".join(NAMES) + "</th></tr>\n"
    + "".join(f"<tr><th>{n}</th><td>{'</td><td>'.join(row)}</td></tr>\n"
              for n, row in enumerate(PEOPLE)) + "</table></td></tr></table>",
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_people_in_a_table_are_found_by_column(name: str) -> None:
    data = TABLES[name]
    scan = scan_bytes(data.encode(), name)
    assert scan.gaps == ()
    assert {one.info_type for one in scan.detections} == TYPES
    assert all(one.place.column and one.count >= 4 for one in scan.detections)
    lines = data.replace("''", "'").split("\n")
    for one in scan.detections:
        index = NAMES.index(one.place.column)
        assert one.place.row
        assert one.place.line
        value = PEOPLE[one.place.row - 1][index]
        below = lines[one.place.line - 1 : one.place.line + 7 * ("page" in name)]
        assert value in "\n".join(below)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_encodings(name: str, encoding: str) -> None:
    data = TABLES[name].replace("\n", "\r\n").encode(encoding)
    assert {one.info_type for one in scan_bytes(data, name).detections} == TYPES


@pytest.mark.parametrize("name", TABLES)
def test_the_text_comes_out_as_it_is(name: str) -> None:
    data = TABLES[name].encode()
    assert b"".join(text.data for text in texts(pieces(data, name))) == data


@pytest.mark.parametrize("name", TABLES)
def test_a_file_that_ends_anywhere_is_read(name: str) -> None:
    data = TABLES[name].encode()
    for end in range(0, len(data), 3):
        assert gaps(pieces(data[:end], name)) == []


ORDINARY = {
    "parameters.md": "| name | type | default |\n|---|---|---|\n| alpha | float | 0.1 |\n"
    "| Jane | `str` | 1981-02-03 |\n",
    "schema.md": "| Field | Type | Description |\n|---|---|---|\n| dob | date | Date of birth |\n"
    "| phone | string | Phone number |\n",
    "results.md": "| model | phone | date |\n|:-|:-|:-|\n| bert | 0.812 | 2021-03-04 |\n"
    "| gpt | 0.927 | 2022-05-06 |\n",
    "maintainers.md": "| Name | Role |\n| --- | --- |\n| Jane Miller | docs |\n"
    "| Peter Smith | build |\n",
    "not-a-table.md": "a | dob\n\n1981-02-03 | 1975-11-23\n",
    "options.html": "<table><tr><th>Name</th><th>Address</th><th>Reset</th></tr>\n"
    "<tr><td>CTRL</td><td>0x4000</td><td>1981-02-03</td></tr>\n</table>",
    "form.html": "<table><tr><td>First name:</td><td><input name=a></td></tr>\n"
    "<tr><td>Date of birth:</td><td>{{ user.dob }}</td></tr></table>",
    "products.sql": "CREATE TABLE products (id int, name text, street text);\n"
    "INSERT INTO products VALUES (1, 'Blue Lamp', 'yes'), (2, 'Red Chair', 'no');\n",
    "schema.sql": "CREATE TABLE people (dob date, phone text);\n"
    "INSERT INTO people (dob, phone) SELECT dob, phone FROM old;\n"
    "COPY people (dob) FROM '/srv/people.csv';\nINSERT INTO people VALUES (?, :phone);\n",
}  # fmt: skip


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_tables_are_quiet(name: str) -> None:
    scan = scan_bytes(ORDINARY[name].encode(), name)
    assert scan.detections == ()
    assert scan.gaps == ()


def test_code_is_searched_as_text_alone() -> None:
    assert batches(pieces(TABLES["bars.md"].encode(), "a.py")) == []


@pytest.mark.parametrize("name", ["bars.md", "page.html", "insert.sql"])
def test_a_value_is_told_once_and_the_rest_of_the_file_too(name: str) -> None:
    mail = "jane.miller@acme-lamps.com"
    other = "peter.smith@acme-lamps.com"
    data = TABLES[name].replace("ssn", "email").replace("401-33-2211", mail) + f"\n{other}\n"
    data = re.sub(r"\b\d{3}-\d\d-\d{4}\b", "", data)
    found = [one for one in scan_bytes(data.encode(), name).detections if one.info_type == "EMAIL"]
    assert sorted(bool(one.place.column) for one in found) == [False, True]
    last = next(one for one in found if not one.place.column)
    assert last.place.line == data.count("\n")


@pytest.mark.parametrize("marked_rows", [1, 2])
def test_comments_accept_the_values_of_a_table_too(marked_rows: int) -> None:
    mark = " <!-- sentinel: allow[EMAIL] our own desks -->"
    rows = ["| sales | sales.desk@acme-lamps.com |", "| help | help.desk@acme-lamps.com |"]
    rows = [row + mark * (n < marked_rows) for n, row in enumerate(rows)]
    scan = scan_bytes("\n".join(["| desk | email |", "|-|-|", *rows]).encode(), "a.md")
    assert [one.place.column for one in scan.detections] == ["email"] * (marked_rows == 1)
    assert {one.reason for one in scan.accepted} == {"our own desks"}


def test_credentials_of_a_table_are_told_by_line() -> None:
    keys = ["xkT93hfLq02mZpw8", "Vb71LmQz04tyRw5c"]
    rows = "".join(f"INSERT INTO users (login, password) VALUES ('u{n}', '{keys[n]}');\n"
                   f"UPDATE users SET password = '{keys[n]}';\n" for n in range(2))  # fmt: skip
    found = scan_bytes(rows.encode(), "a.sql").detections
    assert [(one.info_type, one.place.line) for one in found if not one.place.column] == [
        ("GENERIC_SECRET", 2), ("GENERIC_SECRET", 4),
    ]  # fmt: skip
    assert not [one for one in found if one.place.column]


def test_a_comment_accepts_the_one_value_of_a_column() -> None:
    row = "| sales | 212-555-0187 |"
    mark = " <!-- sentinel: allow[PHONE] our own desk -->"
    table = "| desk | phone |\n|-|-|\n"
    assert [one.info_type for one in scan_bytes((table + row).encode(), "a.md").detections]
    assert scan_bytes((table + row + mark).encode(), "a.md").detections == ()


def test_values_of_sql_in_every_spelling() -> None:
    row = (
        r"'it''s', E'a\tb\'c', N'n', _utf8mb4 'u', 'x'::character varying(20), NULL, 0x"
        + "AB" * 40
        + r", X'4142', '\x4142', -1.5, TO_DATE('1981-02-03', 'YYYY-MM-DD'), CURRENT_DATE, "
        + "'a;b),(c', 'two\nlines', DEFAULT, \"d\"\"q\", /* no */ 7 -- it's a remark\n"
    )
    data = f"INSERT INTO t VALUES ({row}), ('next');"
    cells = [column[0] for column in batches(pieces(data.encode(), "a.sql"))[0].columns]
    assert cells == [
        "it's", "a\tb'c", "n", "u", "x", "", "", "", "", "-1.5", "1981-02-03", "CURRENT_DATE",
        "a;b),(c", "two\nlines", "", 'd"q', "7",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "row", "cells"),
    [
        ("-- MySQL dump\n", r"'C:\\', 'it\'s, \', yes'", ["C:\\", "it's, ', yes"]),
        ("-- PostgreSQL database dump\n", r"'C:\', 'b'", ["C:\\", "b"]),
        ("", r"'C:\', 'b'", ["C:\\", "b"]),
        ("", r"'it\'s', 'b'", ["it's", "b"]),
    ],
)
def test_backslashes_by_dialect(head: str, row: str, cells: list[str]) -> None:
    data = f"{head}INSERT INTO t (a, b) VALUES ({row});"
    assert columns(pieces(data.encode(), "a.sql")) == {"a": cells[:1], "b": cells[1:]}


def test_columns_that_are_called_like_words_of_sql() -> None:
    data = "CREATE TABLE t (key varchar(9), dob date, unique (key), CHECK (dob > '1900-01-01'));"
    data += "INSERT INTO t VALUES ('a', '1981-02-03');"
    assert columns(pieces(data.encode(), "a.sql")) == {"key": ["a"], "dob": ["1981-02-03"]}


def test_a_broken_statement_does_not_hide_the_next() -> None:
    data = "INSERT INTO t (a) VALUES ('x'; INSERT INTO t (dob VALUES (1;\nCOPY t (\n"
    data += "INSERT INTO t (x) VALUES (f(1;\nINSERT INTO t (dob) VALUES ('1981-02-03');"
    assert columns(pieces(data.encode(), "a.sql"))["dob"] == ["1981-02-03"]


def test_cells_of_copy() -> None:
    data = b"COPY t (a, b) FROM stdin;\n\\N\tone\\ttwo\nx\\\\y\t\n\\.\nz\tz\n"
    assert columns(pieces(data, "a.sql")) == {"a": ["", "x\\y"], "b": ["one\ttwo", ""]}


def test_cells_of_html() -> None:
    data = b"<table><tr><th rowspan=2>dob<th colspan=2>phone</tr><tr><th>a<th>b</tr>"
    data += b"<tr><td rowspan=2>1981&#45;02<br>03<td><p>x &amp;\n y</p><td>z</tr><tr><td>v<td>w"
    found = columns(pieces(data + b"</table>", "a.html"))
    assert found == {"dob": ["1981-02 03"] * 2}
    both = data.replace(b"<th>a<th>b", b"<th>phone<th>mobile")
    assert columns(pieces(both, "a.html"))["phone"] == ["x & y", "v"]


def test_records_of_html_are_columns() -> None:
    rows = list(zip(NAMES, PEOPLE[0], strict=True))
    data = "<table>\n" + "".join(f"<tr><th>{a}:</th>\n<td>{b}</td></tr>\n" for a, b in rows)
    found = scan_bytes(data.encode(), "a.html").detections
    assert {one.info_type for one in found} == TYPES
    assert {one.place.column: one.place.line for one in found}["dob"] == 6


def test_tables_of_notebooks_are_found_by_cell() -> None:
    table = TABLES["within.md"].split("layout")[1].partition("</td></tr></table>")[0]
    output = {"output_type": "execute_result", "data": {"text/html": [table], "text/plain": "x"}}
    cells = [
        {"cell_type": "code", "source": ["df"], "outputs": [output]},
        {"cell_type": "markdown", "source": TABLES["bars.md"]},
    ]
    data = json.dumps({"cells": cells, "nbformat": 4}).encode()
    found = scan_bytes(data, "a.ipynb").detections
    paths = {one.place.path for one in found}
    assert paths == {"cell/0/output/0/table/1", "cell/1/source/table/2"}
    assert {one.info_type for one in found} == TYPES


@pytest.mark.parametrize("name", ["insert.sql", "copy.sql", "bars.md", "page.html"])
def test_a_table_of_several_blocks_is_whole(name: str) -> None:
    data = TABLES[name]
    row = data[data.index("1981") : data.index("1975")]
    count = 2 * MIB // len(row)
    data = data.replace(row, row * count)
    made = columns(pieces(data.encode(), name))
    dates = sum("19" in value for value in made["dob"])
    if name == "insert.sql":  # the row is a piece from one date to the next
        assert dates >= count
    else:
        assert dates == len(PEOPLE) + count - 1
    lines = data.split("\n")
    for batch in batches(pieces(data.encode(), name)):
        for value, line in zip(batch.columns[2], batch.lines, strict=True):
            assert value in "\n".join(lines[line - 1 : line + 7])


def test_a_dump_of_one_line_is_whole() -> None:
    rows = ",".join(f"({n},'1981-02-03 \\u0041{n}')" for n in range(120_000))
    found = pieces(f"INSERT INTO t (id,dob) VALUES {rows};".encode(), "a.sql")
    assert len(texts(found)) > 2
    made = columns(found)
    assert made["id"] == [str(n) for n in range(120_000)]
    assert made["dob"][119_999].endswith("119999")


def test_windows_of_a_large_file_do_not_run_together() -> None:
    head = "INSERT INTO t (id, dob) VALUES "
    data = "".join(f"{head}({n}, '1981-02-03');\n" for n in range(60_000)).encode()
    sampling = Sampling(over=MIB, head=64 * KIB, windows=4, window=64 * KIB)
    made = columns(pieces(data, "a.sql", sampling=sampling))
    assert 3_000 < len(made["id"]) < 10_000
    assert set(made["dob"]) == {"1981-02-03"}


def test_more_tables_than_are_told_apart_are_a_gap() -> None:
    one = "| dob | a{} |\n|-|-|\n| 1 | 2 |\n\n"
    assert gaps(pieces("".join(map(one.format, range(1_001))).encode(), "a.md")) == ["limit"]
    assert gaps(pieces("".join(map(one.format, range(1_000))).encode(), "a.md")) == []


HOSTILE = {
    "bars.md": b"| dob |\n|-|\n" + b"|" * 60_000 + b"\n",
    "wide.md": b"|dob" * 9_000 + b"|\n" + b"|-" * 9_000 + b"|\n" + b"|1" * 9_000,
    "dashes.md": b"|-\n" * 40_000,
    "links.md": b"| dob |\n|-|\n" + (b"|" + b"[" * 30_000 + b"\n") * 10,
    "deep.html": b"<table><tr><td>" * 20_000,
    "cells.html": b"<table><tr>" + b"<td>" * 60_000,
    "spans.html": b"<table><tr>" + b"<td colspan=9999 rowspan=9999>" * 200 + b"<tr>" * 20_000,
    "less.html": b"<table><tr><td>" + b"<" * 100_000,
    "tag.html": b"<table><tr><td>" + b"<td " + b"a" * 3 * MIB,
    "quote.sql": b"INSERT INTO t VALUES ('" + b"x" * 3 * MIB,
    "quotes.sql": b"INSERT INTO t VALUES ('" * 20_000,
    "brackets.sql": b"INSERT INTO t VALUES (" + b"(" * 200_000,
    "heads.sql": b"INSERT INTO t (" * 20_000,
    "commas.sql": b"INSERT INTO t VALUES (" + b"1," * 100_000 + b"1);",
    "dashes.sql": b"INSERT INTO t VALUES (" + b"-- " * 100_000,
    "comments.sql": b"CREATE TABLE t (" + b"/*" * 100_000,
    "slashes.sql": b"INSERT INTO t VALUES (f(" + b"/*" * 100_000,
    "create.sql": b"CREATE TABLE t (" * 20_000,
    "tabs.sql": b"COPY t FROM stdin;\n" + b"\t" * 100_000 + b"\n",
    "line.sql": b"COPY t (dob) FROM stdin;\n" + b"x" * 3 * MIB + b"\n1981-02-03\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_take_little_time(name: str) -> None:
    start = time.process_time()
    found = pieces(HOSTILE[name], name)
    assert time.process_time() - start < 10  # one that is quadratic takes minutes
    assert gaps(found) == []
    assert all(len(batch.columns) <= 4096 for batch in batches(found))
    if name == "line.sql":
        assert columns(found) == {"dob": ["1981-02-03"]}


PARTS = st.sampled_from([
    "INSERT INTO ", "t ", "(dob, `a`) ", "VALUES ", "(", ")", ",", ";", "'", "''", "\\'", "\\", '"',
    "E'", "x'41'", "NULL", "COPY t (a, dob) FROM stdin;\n", "\t", "\\.\n", "\\N",
    "CREATE TABLE t (",
    "dob date", "--", "/*", "*/", "::date", "| dob ", "| phone ", "|\n", "|---", "|:-:", "\n", "> ",
    "\\|", "`", "<table>", "</table>", "<tr>", "<td>", "<th>", "</td", "<td colspan=3 rowspan='9'",
    ">", "<!--", "<script>", "&#x41;", "1981-02-03", "0xAB", "é", "\0",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS | st.text(max_size=4), max_size=40).map("".join))
def test_whatever_text_there_is_nothing_breaks(text: str) -> None:
    for name in ("a.md", "a.html", "a.sql", "README"):
        data = text.encode("utf-8", "replace")
        for piece in pieces(data, name):
            if isinstance(piece, Text):
                assert piece.data in (data, b"") or b"\0" in data or piece.line
        scan_bytes(data, name)
