"""Compile the catalogue of personal data: ``python -m tools.make_catalog``.

The tables in ``src/sentinel/data/pii/*.toml`` are what people edit; ``catalog.json`` beside them is
what a scan reads.
"""

from __future__ import annotations

from pathlib import Path

from sentinel.pii.catalog import COMPILED, compiled

FOLDER = Path(__file__).resolve().parent.parent / "src" / "sentinel" / "data" / "pii"


def main() -> None:
    """Write the compiled catalogue."""
    (FOLDER / COMPILED).write_text(compiled(), encoding="utf-8")


if __name__ == "__main__":
    main()
