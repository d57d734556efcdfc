"""Fuzzes the readers of Parquet and Arrow: ``python -m tests.fuzz.fuzz_columnar --runs 10000``."""

from __future__ import annotations

import sys

from tests.formats.test_columnar import arrow, elsewhere, extension, parquet, plain, with_metadata
from tests.fuzz.archive_fuzz import loop

PARQUET = (b"PAR1", b"\x18", b"\x19\x1c", b"\x15", b"\x00", b"ARROW:schema")
ARROW = (b"ARROW1", b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"ARROW:extension")


def tables() -> list[object]:
    """Return tables with all that is looked for."""
    return [plain(), with_metadata(b"\x80\x04N."), extension()]


if __name__ == "__main__":
    code = loop("parquet", [*map(parquet, tables()), elsewhere(b"../x")], PARQUET)
    sys.exit(max(code, loop("arrow", list(map(arrow, tables())), ARROW)))
