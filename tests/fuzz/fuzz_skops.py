"""Fuzzes the reader of skops' schemas: ``python -m tests.fuzz.fuzz_skops --runs 10000``."""

from __future__ import annotations

import json
import random
import sys

from tests.corpus.malicious.arrays import zipped
from tests.corpus.malicious.skops_files import NODES, PLAIN, V0, root
from tests.fuzz.archive_fuzz import loop

MARKS = (
    b'"__class__": ', b'"__module__": ', b'"__loader__": ', b'"content": ', b'"func": ', b'"obj": ',
    b"[[[[[[[[[[", b"null", b"{}",
)  # fmt: skip


def seeds() -> list[bytes]:
    """Return schemas with nodes of every kind."""
    nodes = [PLAIN, V0, *(node for node, _ in NODES.values())]
    return [json.dumps({**root(node), "protocol": 2}).encode() for node in nodes]


def mend(data: bytes, chance: random.Random) -> bytes:
    """Return an archive around a schema."""
    return zipped({"schema.json": data})


if __name__ == "__main__":
    sys.exit(loop("skops", seeds(), MARKS, mend))
