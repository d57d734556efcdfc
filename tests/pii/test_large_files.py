"""Files of gigabytes: sampled or read whole, in memory that does not grow with them.

The slow tests write files of ``SENTINEL_LARGE_BYTES`` (2,000,000,000 by default) and delete them.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentinel.limits import DEFAULT_LIMITS, GIB, MIB
from sentinel.pii.model import Detection
from sentinel.pii.scanner import Options, PiiScan, PiiScanner
from sentinel.pii.sources import Sampling

LARGE = int(os.environ.get("SENTINEL_LARGE_BYTES", "2000000000"))
MOST_MEMORY = 600 * 1000 * 1000
WORDS = ("some", "free", "text", "about", "nothing", "that", "somebody", "wrote", "when", "late")
SHARE = 100
BLOCK = b"some words without an end " * 4096


class Planted(NamedTuple):
    """A table with a telephone number and an address in one row of a hundred.

    Attributes:
        path: Where it is.
        rows: Its rows.
        each: Rows with a number, and as many with an address.
    """

    path: Path
    rows: int
    each: int


def write_table(path: Path, size: int, group: int) -> Planted:
    """Write a Parquet file of at least so many bytes, in row groups of so many rows."""
    chance = random.Random(5)
    parts = [_part(chance, group, number) for number in range(4)]
    writer, rows = pq.ParquetWriter(path, parts[0].schema), 0
    with writer:
        while rows < 12 * group or path.stat().st_size < size:
            part = parts[rows // group % 4]
            if rows == 3 * group:  # where a sample does not look
                part = part.set_column(3, "remark", _with(part["remark"], group // 2))
            writer.write_table(part)
            rows += group
    return Planted(path, rows, rows // SHARE)


def _part(chance: random.Random, rows: int, number: int) -> pa.Table:
    notes = [" ".join(chance.choices(WORDS, k=8)) for _ in range(rows)]
    contact: list[str | None] = [None] * rows
    for row in range(number, rows, SHARE):
        notes[row] = f"write to jane.doe{row}x{number}@acme-corp.com, please"
        contact[row] = f"+49151{chance.randrange(10**7, 10**8)}"
    salt = chance.randbytes(40 * rows).hex()
    hashes = [salt[at : at + 80] for at in range(0, len(salt), 80)]
    remarks = [("a", "no", "z")[row % 3] for row in range(rows)]
    columns = {"note": notes, "contact": contact, "hash": hashes, "remark": remarks}
    return pa.table({**columns, "price": [chance.random() for _ in range(rows)]})


def _with(column: pa.ChunkedArray, row: int) -> pa.Array:
    cells = column.to_pylist()
    cells[row] = "mine is joe@acme-corp.com"
    return pa.array(cells)


def by_column(scan: PiiScan) -> dict[str, Detection]:
    return {one.place.column: one for one in scan.detections}


def check_sampled(scan: PiiScan, table: Planted) -> None:
    found = by_column(scan)
    assert set(found) == {"note", "contact"}
    (skipped,) = scan.skipped
    assert (skipped.total, skipped.unit) == (table.rows, "rows")
    assert skipped.read < table.rows
    assert found["contact"].count == pytest.approx(skipped.read // SHARE, rel=0.01)
    assert found["note"].count == pytest.approx(skipped.read // SHARE, rel=0.15)


def check_whole(scan: PiiScan, table: Planted) -> None:
    found = by_column(scan)
    assert set(found) == {"note", "contact", "remark"}
    assert (scan.skipped, scan.gaps) == ((), ())
    assert found["contact"].count == table.each
    assert found["note"].count == pytest.approx(table.each, rel=0.15)
    assert (found["remark"].count, found["remark"].rows) == (1, table.rows)


def test_a_sample_of_a_table_tells_of_one_row_in_a_hundred(tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.parquet", 1, 1000)
    sampling = Sampling(over=10_000)
    check_sampled(PiiScanner(Options(sampling=sampling)).scan_path(table.path), table)
    whole = PiiScanner(Options(sampling=sampling._replace(full=True)))
    check_whole(whole.scan_path(table.path), table)


class Ended(NamedTuple):
    """What a run of the command came to."""

    code: int
    report: dict[str, Any]
    errors: str
    memory: int


# A process counts the memory of the one that started it as its own, so a small one is put between.
LAUNCH = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""


def run(path: Path, *options: str) -> Ended:
    """Scan a file by the command and return exit code, report and peak memory in bytes."""
    command = [sys.executable, "-m", "sentinel", "pii", "scan", "--format", "json", "--no-config"]
    done = subprocess.run(
        [sys.executable, "-c", LAUNCH, *command, "--timeout", "3000", *options, str(path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    errors, _, last = done.stderr.rstrip().rpartition("\n")
    code, memory = map(int, last.split())
    unit = 1 if sys.platform == "darwin" else 1024
    return Ended(code, json.loads(done.stdout), errors, memory * unit)


def reasons(ended: Ended) -> list[object]:
    return [gap["code"] for gap in ended.report["not_scanned"]]


def check_bounded(ended: Ended) -> None:
    assert "Traceback" not in ended.errors
    assert ended.memory < MOST_MEMORY


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder whose files are deleted at once."""
    yield tmp_path
    for path in tmp_path.iterdir():
        path.unlink()


def write_line(path: Path, size: int, suffix: bytes = b"") -> None:
    """Write a single line with an address in the middle and one at the end."""
    with path.open("wb") as out:
        middle = False
        while out.tell() < size:
            if not middle and out.tell() * 2 > size:
                middle = out.write(b" jane.doe@acme-corp.com ") > 0
            out.write(BLOCK)
        out.write(b" joe.doe@acme-corp.com" + suffix)


@pytest.mark.parametrize("size", [3 * MIB, pytest.param(GIB, marks=pytest.mark.slow)])
def test_one_line_is_read_whole_in_little_memory(place: Path, size: int) -> None:
    path = place / "line.txt"
    write_line(path, size)
    ended = run(path, "--full")
    check_bounded(ended)
    assert (ended.code, reasons(ended)) == (0, [])  # addresses are medium, and high fails
    assert len(ended.report["findings"]) == 2
    if size >= GIB:
        ended = run(path)
        check_bounded(ended)
        assert (ended.code, reasons(ended)) == (3, ["sampled"])


@pytest.mark.parametrize("name", ["line.csv", "line.json"])
@pytest.mark.parametrize("size", [3 * MIB, pytest.param(GIB, marks=pytest.mark.slow)])
def test_one_line_of_other_formats(place: Path, name: str, size: int) -> None:
    path = place / name
    write_line(path, size)
    ended = run(path, "--full")
    check_bounded(ended)
    assert sum(one["facts"]["count"] for one in ended.report["findings"]) == 2


@pytest.mark.parametrize("size", [3 * MIB, pytest.param(GIB, marks=pytest.mark.slow)])
def test_zeros_behind_a_text_are_no_text(place: Path, size: int) -> None:
    path = place / "zeros.txt"
    with path.open("wb") as out:
        out.write(b"jane.doe@acme-corp.com\n")
        out.truncate(size)
    ended = run(path, "--full")
    check_bounded(ended)
    assert (ended.code, reasons(ended)) == (3, ["unrecognised"])


@pytest.mark.slow
def test_a_million_columns(place: Path) -> None:
    path = place / "wide.csv"
    header = ",".join(f"v{number}" for number in range(1_000_000))
    row = header.replace("v", "") + "\n"
    with path.open("w") as out:
        out.write(header + "\n" + row * 9 + row.replace(",999990,", ",joe@acme-corp.com,"))
    ended = run(path)
    check_bounded(ended)
    assert len(ended.report["findings"]) == 1


@pytest.mark.slow
@pytest.mark.parametrize("group", [100_000, 1_000_000])
def test_a_table_of_gigabytes(place: Path, group: int) -> None:
    table = write_table(place / "t.parquet", LARGE, group)
    ended = run(table.path)
    check_bounded(ended)
    assert (ended.code, reasons(ended)) == (3, ["sampled"])
    (gap,) = ended.report["not_scanned"]
    assert f" of {table.rows:,} rows)" in str(gap["reason"])
    limits = DEFAULT_LIMITS._replace(timeout=3600)
    check_sampled(PiiScanner(Options(limits=limits)).scan_path(table.path), table)
    whole = PiiScanner(Options(limits=limits, sampling=Sampling(full=True)))
    check_whole(whole.scan_path(table.path), table)
    ended = run(table.path, "--full")
    check_bounded(ended)
    with table.path.open("rb+") as out:
        out.truncate(LARGE // 2)
    ended = run(table.path, "--full")
    check_bounded(ended)
    assert (ended.code, reasons(ended)) == (3, ["malformed"])
