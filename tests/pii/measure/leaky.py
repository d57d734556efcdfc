"""Credential files as tools leave them behind, made anew each time.

    python -m tests.pii.measure.leaky --out FOLDER [--seed N]

The formats are those of the tools' manuals. ``[[name]]`` is a secret, ``((name))`` is not one;
each secret is one risk, however many lines it takes.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

from .build import Document, Writer
from .leaky_formats import FORMATS
from .leaky_values import OTHERS, SECRETS

_SLOT = re.compile(r"\[\[([a-zA-Z0-9_]+)\]\]|\(\((\w+)\)\)")


def _document(rng: Random, path: str, shape: str) -> Document:
    out, at = Writer(), 0
    for slot in _SLOT.finditer(shape):
        out.put(shape[at : slot.start()])
        secret, other = slot.groups()
        if secret:
            out.plant("GENERIC_SECRET", SECRETS[secret](rng))
        else:
            out.put(OTHERS[other](rng))
        at = slot.end()
    out.put(shape[at:])
    return out.document(path, "leaky")


def files(seed: int) -> Iterator[Document]:
    """Yield the files, with their path as name and their secrets labelled.

    Args:
        seed: Everything made depends on it.
    """
    for path, shape in FORMATS.items():
        yield _document(Random(f"{seed}/{path}"), path, shape)


def write(folder: Path, seed: int) -> None:
    """Write the files into a folder, and ``risks.json`` with the lines that hold a secret."""
    risks = {}
    for document in files(seed):
        target = folder / document.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(document.data)
        starts = [label.start for label in document.labels]
        risks[document.name] = [document.text.count("\n", 0, start) + 1 for start in starts]
    (folder / "risks.json").write_text(json.dumps(risks, indent=1))


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    write(options.out, options.seed)


if __name__ == "__main__":
    main()
