"""Measure how fast tables are scanned, and in how much memory, and print a table.

    python -m benchmarks.pii.tables [--size MB] [--folder FOLDER]

Two made tables of nine columns, an ordinary one and one of people, as CSV without and with pyarrow
and as Parquet with types and with strings alone. MB are millions of bytes of the table as CSV,
whatever it is written in. CPU time of a process of its own, imports aside: the median of three
scans; "first" is the first of them, in which pyarrow is imported.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

MB = 1_000_000
CITIES = ("Berlin", "Paris", "Rome", "Oslo")
GIVEN = ("Mary", "John", "Linda", "James", "Karen", "Bob", "Anna", "Peter")
FAMILY = ("Jones", "Smith", "Brown", "Miller", "Davis", "Hill", "Weber")
WORDS = ("some", "free", "text", "about", "nothing", "that", "somebody", "wrote", "when", "late")
HEADERS = {
    "ordinary": "id,name,qty,price,city,note,when,flag,code",
    "people": "id,full_name,email,phone,city,note,born,amount,card",
}


def rows(kind: str) -> Iterator[str]:
    """Yield the lines of a table without end."""
    chance = random.Random(1)
    yield HEADERS[kind]
    number = 0
    while True:
        note = " ".join(chance.choices(WORDS, k=6))
        city, day = chance.choice(CITIES), f"-0{chance.randrange(1, 9)}-1{chance.randrange(9)}"
        money = f"{chance.random() * 1000:.2f}"
        if kind == "ordinary":
            yield (
                f"{number},pear {number % 997},{chance.randrange(1000)},{money},{city},{note},"
                f"2024{day},{chance.choice('TF')},{chance.randrange(16**8):08x}"
            )
        else:
            given, family = chance.choice(GIVEN), chance.choice(FAMILY)
            yield (
                f"{number},{given} {family},{given}.{family}{number}@acme-corp.com,"
                f"+4915{chance.randrange(10**9):09},{city},{note},"
                f"19{chance.randrange(40, 99)}{day},{money},4{chance.randrange(10**15):015}"
            )
        number += 1


def write(folder: Path, kind: str, size: int) -> list[Path]:
    """Write a table as CSV of so many bytes, and as Parquet."""
    import pyarrow as pa
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    path = folder / f"{kind}.csv"
    with path.open("w") as out:
        written = 0
        for row in rows(kind):
            written += out.write(row + "\n")
            if written >= size:
                break
    types = {name: pa.string() for name in HEADERS[kind].split(",")}
    typed, strings = folder / f"{kind}-typed.parquet", folder / f"{kind}-strings.parquet"
    pq.write_table(pc.read_csv(path), typed, row_group_size=200_000)
    table = pc.read_csv(path, convert_options=pc.ConvertOptions(column_types=types))
    pq.write_table(table, strings, row_group_size=200_000)
    return [path, typed, strings]


def scan(path: Path) -> None:
    """Scan a file and print the CPU seconds of each of three scans, and peak KiB (on Linux)."""
    from sentinel.limits import DEFAULT_LIMITS
    from sentinel.pii.scanner import Options, PiiScanner
    from sentinel.pii.sources import Sampling

    limits = DEFAULT_LIMITS._replace(timeout=3600)
    scanner = PiiScanner(Options(limits=limits, sampling=Sampling(full=True)))
    scanner.scan_bytes(b"a,b\n1,2\n", "a.csv")
    costs = []
    for _ in range(3):
        started = time.process_time()
        found = scanner.scan_path(path)
        costs.append(time.process_time() - started)
        assert not found.gaps, found.gaps
    status = Path("/proc/self/status").read_text()  # resource counts the parent's memory too
    print(*costs, status.split("VmHWM:")[1].split()[0])


def measure(path: Path, size: float, *, pyarrow: bool) -> None:
    """Scan a file in a process of its own and print a line."""
    code = (
        "import sys, pathlib;"
        f"sys.modules.update({{}} if {pyarrow} else {{'pyarrow': None}});"
        "from benchmarks.pii.tables import scan; scan(pathlib.Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    *costs, memory = map(float, done.stdout.split())
    name = path.name + ("" if pyarrow else ", no pyarrow")
    speeds = f"{size / costs[0]:8.1f}{size / statistics.median(costs):8.1f}"
    print(f"{name:32}{path.stat().st_size / MB:8.1f}{speeds}{memory / 1024:8.0f}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pii.tables", description=__doc__)
    parser.add_argument("--size", type=float, default=114.0, help="MB of each table as CSV")
    parser.add_argument("--folder", type=Path, help="where the tables are written for a while")
    options = parser.parse_args()
    print(f"{'table':32}{'file MB':>8}{'first':>8}{'MB/s':>8}{'MiB':>8}")
    for kind in HEADERS:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            paths = write(Path(folder), kind, int(options.size * MB))
            measure(paths[0], options.size, pyarrow=False)
            for path in paths:
                measure(path, options.size, pyarrow=True)


if __name__ == "__main__":
    main()
