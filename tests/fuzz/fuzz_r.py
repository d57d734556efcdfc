"""Fuzzes the reader of R objects: ``python -m tests.fuzz.fuzz_r --runs 10000``."""

from __future__ import annotations

import sys

from tests.corpus.malicious.r_files import cases
from tests.fuzz.archive_fuzz import loop

MARKS = (
    b"\0\0\0\5", b"\0\0\4\5", b"\0\0\0\x15", b"\0\0\0\x13", b"\0\0\0\xff", b"\0\0\0\x10",
    b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\4\2", b"\0\0\0\xee",
)  # fmt: skip


def seeds() -> list[bytes]:
    """Return files with code of every kind, in each encoding."""
    return [case.data for case in cases() if case.name[-2:] in ("X3", "A2", "B3", "X2")]


if __name__ == "__main__":
    sys.exit(loop("r", seeds(), MARKS))
