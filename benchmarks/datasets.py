"""Measure what it costs to validate a clean table of 500,000 rows, beside a peer.

    python -m benchmarks.datasets [--rows N] [--peer pandera|frictionless]

The table is written anew: numbers, labels by chance, sentences of common words; 38 MB. CPU time and
the most memory, each tool in a process of its own. Peers check the types of the columns alone; ours
looks for everything that ``sentinel dataset scan`` does.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import sys
import tempfile
from pathlib import Path

from .measure import MIB, run

BOUND = 5.0
"""Most CPU seconds for 500,000 rows that we allow ourselves."""
_ROWS = 500_000
_WORDS = (
    "the of and to in is that it was for on are as with his they at be this from have or by one "
    "had not but what all were when we there can an your which their said if do will each about "
    "how up out them then she many some so these would other into has more her two like him see "
    "time could no make than first been its who now people my made over did down only way find"
)
_PEERS = {
    "pandera": (
        "import pandas, pandera.pandas as pa, sys\n"
        "frame = pandas.read_csv(sys.argv[1])\n"
        "column = pa.Column\n"
        "pa.DataFrameSchema({'id': column(int), 'text': column(str), 'score': column(float),"
        " 'label': column(str, pa.Check.isin(['pos', 'neg']))}).validate(frame)\n"
    ),
    "frictionless": (
        "import sys\nfrom frictionless import validate\n"
        "raise SystemExit(not validate(sys.argv[1]).valid)\n"
    ),
}


def main() -> int:
    """Run the benchmark and return 1 when the bound is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.datasets", description=__doc__)
    parser.add_argument("--rows", type=int, default=_ROWS, metavar="N", help="rows of the table")
    parser.add_argument("--peer", choices=sorted(_PEERS), action="append", default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clean.csv"
        write(path, options.rows)
        print(f"{options.rows} rows, {path.stat().st_size / 1e6:.0f} MB")
        ours = _measure(
            "sentinel", ["-m", "sentinel", "dataset", "scan", str(path), "--no-config"], folder
        )
        for name in options.peer or sorted(_PEERS):
            if importlib.util.find_spec(name) is None:
                print(f"{name}: not installed")
                continue
            _measure(name, ["-c", _PEERS[name], path.name], folder)
    bound = BOUND * max(options.rows / _ROWS, 0.2)
    if ours > bound:
        print(f"missed: {ours:.2f} s of CPU, not {bound:g}")
    return 1 if ours > bound else 0


def write(path: Path, rows: int) -> None:
    """Write a clean table.

    Args:
        path: Where.
        rows: How many rows.
    """
    draw = random.Random(1)
    words = _WORDS.split()
    with path.open("w", encoding="utf-8") as file:
        file.write("id,text,score,label\n")
        for number in range(rows):
            text = " ".join(draw.choices(words, k=13))
            label = draw.choice(("pos", "neg"))
            file.write(f"{number},{text},{draw.random():.4f},{label}\n")


def _measure(name: str, arguments: list[str], folder: str) -> float:
    found = os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))
    cost = run([sys.executable, *arguments], Path(folder), {"PYTHONPATH": found}, 600)
    print(f"{name}: {cost.cpu:.2f} s of CPU, {cost.resident / MIB:.0f} MB, exit code {cost.code}")
    return cost.cpu if cost.code == 0 else float("inf")


if __name__ == "__main__":
    sys.exit(main())
