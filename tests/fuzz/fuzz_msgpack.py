"""Fuzzes the reader of MessagePack: ``python -m tests.fuzz.fuzz_msgpack --runs 10000``."""

from __future__ import annotations

import sys

from tests.fuzz.archive_fuzz import loop
from tests.kit.msgpacks import checkpoint, pickled

if __name__ == "__main__":
    marks = (b"\xc7", b"\xc8", b"\x93", b"\x81", b"\xde", b"\xdf", b"float32", b"params")
    sys.exit(loop("msgpack", [checkpoint(), pickled(b"N.")], marks))
