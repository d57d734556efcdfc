"""Fuzzes safetensors, GGUF, templates and configurations:
``python -m tests.fuzz.fuzz_tensors FORMAT --runs 200000 --seed 1``.
"""

from __future__ import annotations

import sys

from tests.corpus.malicious import templates, tensors
from tests.fuzz.archive_fuzz import loop_each
from tests.kit.chat_templates import TEMPLATES
from tests.kit.tensor_files import old_ggml

FORMATS = ("safetensors", "gguf", "jinja", "model-config")
MARKS = {
    "safetensors": (b'"data_offsets"', b'"shape"', b'"dtype"', b"[", b"{", b'"', b","),
    "gguf": (b"GGUF", b"general.", b"tokenizer.", b"tjgg", b"chat_template"),
    "jinja": (b"{%", b"%}", b"{{", b"}}", b"|", b"(", b"[", b"'", b"{#"),
    "model-config": (b"{", b"[", b'"', b'"auto_map"', b'"chat_template"', b":"),
}
"""What each format's mutations happen close to."""


def seeds(name: str) -> list[bytes]:
    """Return ordinary files of a format, and some that already lie."""
    if name == "jinja":
        return [text.encode() for text in (*TEMPLATES.values(), *templates.WALKS.values())]
    every = [*templates.cases(), *tensors.cases()]
    suffix = {"safetensors": ".safetensors", "gguf": ".gguf", "model-config": ".json"}[name]
    found = [case.data for case in every if case.filename.endswith(suffix)]
    return [*found, old_ggml()] if name == "gguf" else found


if __name__ == "__main__":
    sys.exit(loop_each(FORMATS, seeds, MARKS.__getitem__))
