"""Fuzzes the reader of Keras configurations: ``python -m tests.fuzz.fuzz_keras --runs 10000``."""

from __future__ import annotations

import json
import sys

from tests.corpus.malicious.keras_files import HOSTILE, PLAIN
from tests.fuzz.archive_fuzz import loop

MARKS = (
    b'"class_name": ', b'"config": ', b'"function": ', b'"module": ', b'"code": ', b"[[[[[[[[",
    b"class_name: Lambda\n", b"!!python/object", b"null", b"{}",
)  # fmt: skip


def seeds() -> list[bytes]:
    """Return configurations of every kind."""
    documents = [PLAIN, *(document for document, _ in HOSTILE.values())]
    yaml = b"keras_version: 2\nclass_name: Model\nconfig:\n- class_name: Lambda\n"
    return [*(json.dumps(document).encode() for document in documents), yaml]


if __name__ == "__main__":
    sys.exit(loop("keras-config", seeds(), MARKS))
