"""Measure what trust costs and print it.

    python -m benchmarks.trust [--size MB] [--repeat N]

Each tool signs and verifies the same model in the same run, as a command with its start-up
included; the tools take turns, and the median of the runs is told. CPU is of all threads. The
files are read once before, so the disk does not count.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from .signing import Row, measure


def main() -> int:
    """Run the benchmark and return 1 when one of our own bounds is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trust", description=__doc__)
    parser.add_argument("--size", type=int, default=1000, metavar="MB", help="size of the model")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="runs of each")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        rows = measure(Path(name), options.size * 1_000_000, options.repeat)
    print(_table(rows))
    missed = [row for row in rows if row.missed]
    for row in missed:
        print(f"missed: {row.what} by {row.tool}: {row.cpu:.3f} s, not {row.bound:g} s")
    return 1 if missed else 0


def _table(rows: list[Row]) -> str:
    lines = [
        "| what | tool | CPU s | wall s | peak MiB | MB/s of CPU | bound s |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        speed = f"{row.size / row.cpu / 1e6:,.0f}" if row.size else ""
        bound = f"{row.bound:g}" if row.bound else ""
        lines.append(
            f"| {row.what} | {row.tool} | {row.cpu:.3f} | {row.wall:.3f} | "
            f"{row.resident / 2**20:.0f} | {speed} | {bound} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
