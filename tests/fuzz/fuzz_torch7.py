"""Fuzzes the Torch7 reader: ``python -m tests.fuzz.fuzz_torch7 --runs 10000``."""

from __future__ import annotations

import sys

from tests.corpus.malicious.written_files import cases
from tests.fuzz.archive_fuzz import loop

MARKS = (
    b"\3\0\0\0", b"\4\0\0\0", b"\x08\0\0\0", b"\2\0\0\0", b"V 1", b"torch.FloatTensor",
    b"torch.FloatStorage", b"4\n1\n", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f",
)  # fmt: skip


def seeds() -> list[bytes]:
    """Return files in each encoding."""
    return [data for case in cases() if case.family == "torch7" for data in (case.data, case.twin)
            if data]  # fmt: skip


if __name__ == "__main__":
    sys.exit(loop("torch7", seeds(), MARKS))
