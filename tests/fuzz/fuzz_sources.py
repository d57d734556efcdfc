"""Fuzzes the readers of text that acts: ``python -m tests.fuzz.fuzz_sources --runs 10000``."""

from __future__ import annotations

import sys

from tests.corpus.malicious.sources import CONFIGS, PYTHON, notebook
from tests.fuzz.archive_fuzz import loop

MARKS: dict[str, tuple[bytes, ...]] = {
    "model-source": (
        b"exec(", b"getattr(", b"[::-1]", b"''.join(", b"map(chr, ", b"base64.b64decode(",
        b"\ndef f():\n ", b"\nclass A:\n ", b"lambda: ", b" * 99999", b"(" * 30, b"import os\n",
    ),
    "config-code": (
        b"!!python/", b"%TAG ! ", b"_target_: ", b"|\n", b">2\n", b"\"", b"'", b"[", b"}", b"&a ",
        b"*a", b"---\n", b"- ", b": ", b"# ", b"\r", "\u2028".encode(),
    ),
    "bundle": (b"flavors:\n", b"code: ", b"- ", b": ", b"{", b"|\n", b"'"),
    "notebook": (b'"cells": [', b'"source": ', b'"cell_type": "code"', b"[", b"{", b"%%bash\n"),
    "shell-script": (b"curl ", b"| sh", b"\\\n", b"/dev/tcp/", b"base64 -d", b" ", b"$("),
}  # fmt: skip


def seeds(name: str) -> list[bytes]:
    """Return files of one format."""
    texts = [(file, hostile) for file, hostile, _, _ in CONFIGS.values()]
    scripts = [text.encode() for file, text in texts if file.endswith(".sh")]
    found: dict[str, list[bytes]] = {
        "model-source": [hostile.encode() for hostile, _, _ in PYTHON.values()],
        "config-code": [text.encode() for file, text in texts if file.endswith("yaml")],
        "bundle": [text.encode() for file, text in texts if file == "MLmodel"],
        "notebook": [notebook("import os\n!ls", "%%bash\ncurl x | sh")],
        "shell-script": scripts,
    }
    return found[name]


if __name__ == "__main__":
    sys.exit(max(loop(name, seeds(name), marks) for name, marks in MARKS.items()))
