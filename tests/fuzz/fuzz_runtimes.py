"""Fuzzes programs for small runtimes: ``python -m tests.fuzz.fuzz_runtimes --runs 10000``."""

from __future__ import annotations

import sys

from tests.fuzz.archive_fuzz import loop
from tests.kit.runtimes import NCNN, executorch, mnn, mobile, ort, ort_node

SEEDS = {
    "executorch": [executorch(segments=((0, 64),), data=bytes(64)), executorch(extended=False)],
    "torch-mobile": [mobile(source=b"class M:\n  pass\n")],
    "mnn": [mnn()],
    "ort": [ort(), ort(ort_node("Act", "x w", "y", "a.b", mode="c"), props=(("a", "b"),))],
    "ncnn": [NCNN.encode()],
}

if __name__ == "__main__":
    marks = (b"ET12", b"PTMF", b"ORTM", b"eh00", b"7767517", b"aten::", b"forward")
    sys.exit(max(loop(name, seeds, marks) for name, seeds in SEEDS.items()))
