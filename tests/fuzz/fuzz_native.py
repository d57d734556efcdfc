"""Fuzzes the headers of native code: ``python -m tests.fuzz.fuzz_native --runs 10000``."""

from __future__ import annotations

import sys

from tests.fuzz.archive_fuzz import loop
from tests.kit.natives import ALL

if __name__ == "__main__":
    marks = (b"\x7fELF", b"MZ", b"PE\0\0", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"#!/")
    sys.exit(loop("native", list(ALL.values()), marks))
