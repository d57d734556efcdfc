"""Writes ``data/skops_names.txt``: the types and functions that skops trusts by default.

One line for each module: its name, a tab, and the names in it. Run it with an interpreter that has
skops and what it knows about (scikit-learn, scipy, NumPy)::

    python -m tools.make_skops_names
"""

from __future__ import annotations

import zoneinfo
from collections import defaultdict
from datetime import date
from pathlib import Path

import skops
from skops.io import _trusted_types

TABLE = Path(__file__).resolve().parent.parent / "src" / "sentinel" / "data" / "skops_names.txt"


def main() -> None:
    """Write the table."""
    names: dict[str, set[str]] = defaultdict(set)
    for group, entries in vars(_trusted_types).items():
        if group.endswith("_NAMES"):
            for path in entries:
                module, _, name = path.rpartition(".")
                names[module].add(name)
    names[zoneinfo.ZoneInfo.__module__].add("ZoneInfo")
    head = f"# skops {skops.__version__}, {date.today()}; made by tools/make_skops_names.py\n"
    lines = [f"{module}\t{' '.join(sorted(names[module]))}\n" for module in sorted(names)]
    TABLE.write_text(head + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
