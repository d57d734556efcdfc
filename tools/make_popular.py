"""Writes ``data/popular/pypi.txt``: the most downloaded projects of PyPI, the first one first.

Run it at each release with the newest ranking::

    python -m tools.make_popular top-pypi-packages.min.json
    python -m tools.make_popular ranking.tsv --date 2026-11

The JSON is what https://hugovk.github.io/top-pypi-packages/ publishes each month, made of the
public statistics of downloads; it says its date. A table needs the columns ``name`` and ``rank``.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "src/sentinel/data/popular/pypi.txt"
SOURCE = "the public ranking of PyPI projects by downloads (hugovk.github.io/top-pypi-packages)"
MOST = 15_000
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.ASCII)
_DATE = re.compile(r"20\d\d-[01]\d(?:-[0-3]\d)?", re.ASCII)


def ranking(path: Path) -> tuple[list[str], str]:
    """Return the names of a ranking in their order, and its date where it says one."""
    if path.suffix == ".json":
        document = json.loads(path.read_text(encoding="utf-8"))
        return [row["project"] for row in document["rows"]], document["last_update"][:10]
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["rank"]]
    return [row["name"] for row in sorted(rows, key=lambda row: int(row["rank"]))], ""


def text(names: list[str], date: str, source: str = SOURCE) -> str:
    """Return the table.

    Args:
        names: The names, the most downloaded first; they are written as indexes compare them.
        date: Day or month of the ranking.
        source: Where it is from.
    """
    normal = dict.fromkeys(re.sub(r"[-_.]+", "-", name).lower() for name in names)
    kept = [name for name in normal if _NAME.fullmatch(name)][:MOST]
    if not kept or not _DATE.fullmatch(date):
        raise SystemExit("no names, or no date: give --date YYYY-MM")
    header = f"# source: {source}\n# date: {date}\n# names: {len(kept)}\n"
    return header + "\n".join(kept) + "\n"


def main() -> int:
    """Write the table."""
    parser = argparse.ArgumentParser(prog="python -m tools.make_popular", description=__doc__)
    parser.add_argument("ranking", type=Path, metavar="FILE", help="JSON, or a table with tabs")
    parser.add_argument("--date", help="day or month of the ranking, where it does not say it")
    parser.add_argument("--output", type=Path, default=TABLE, help="where the table is written")
    options = parser.parse_args()
    names, date = ranking(options.ranking)
    options.output.write_text(text(names, options.date or date), encoding="ascii", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
