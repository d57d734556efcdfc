"""Fuzzes programs for small runtimes: ``python -m tests.fuzz.fuzz_runtimes --runs 10000``."""

from __future__ import annotations

import sys

from tests.fuzz.archive_fuzz import loop
from tests.kit.runtimes import NCNN, executorch, mnn, mobile

SEEDS = {
    "executorch": [executorch(segments=((0, 64),), data=bytes(64)), executorch(extended=False)],
    "torch-mobile": [mobile(source=b"class M:\n  pass\n")],
    "mnn": [mnn()],
    "ncnn": [NCNN.encode()],
}

if __name__ == "__main__":
    marks = (b"ET12", b"PTMF", b"eh00", b"7767517", b"aten::", b"forward")
    sys.exit(max(loop(name, seeds, marks) for name, seeds in SEEDS.items()))
