"""The made test set: the same documents for the same seed.

python -m tests.pii.measure.generator --seed 7 --count 500 --out FOLDER
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

from . import chats, configs, logs, prose, tables
from .build import Document

MAKERS = (prose.document, logs.document, tables.document, chats.document, configs.document)


def generate(seed: int, count: int = 2500) -> Iterator[Document]:
    """Yield documents of the five kinds in turn.

    Args:
        seed: Every document depends on it and on its own number alone.
        count: How many.
    """
    for number in range(count):
        rng = Random(f"{seed}/{number}")
        yield MAKERS[number % len(MAKERS)](rng, number)


def main() -> None:
    """Write documents and, beside each, its labels."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=2500)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    for number, document in enumerate(generate(options.seed, options.count)):
        folder = options.out / f"{number:05}"
        folder.mkdir(parents=True)
        (folder / document.name).write_bytes(document.data)
        labels = [label._asdict() for label in document.labels]
        (folder / "labels.json").write_text(json.dumps(labels, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
