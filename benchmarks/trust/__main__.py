"""Measure what trust costs and print it.

    python -m benchmarks.trust [--size MB] [--repeat N]

Signing first, then the parts that have no peer: watermarks (MB/s), names of packages (microseconds
each) and the database of vulnerabilities, each a module of its own.

Each tool signs and verifies the same model in the same run, as a command with its start-up
included; the tools take turns, and the median of the runs is told. CPU is of all threads. The
files are read once before, so the disk does not count.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from .signing import Row, measure

PARTS = ("watermark", "typosquat", "vulndb")


def main() -> int:
    """Run the benchmarks and return 1 when one of our own bounds is missed."""
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
    codes = [_part(name) for name in PARTS]
    return 1 if missed or any(codes) else 0


def _part(name: str) -> int:
    """Run one of the parts in a process of its own and return its exit code."""
    print(f"\n## {name}\n", flush=True)
    command = [sys.executable, "-m", f"benchmarks.trust.{name}"]
    return subprocess.run(command, check=False).returncode


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
