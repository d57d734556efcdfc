"""Fuzzes the graph formats: ``python -m tests.fuzz.fuzz_graphs --format onnx``."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from pathlib import Path

from tests.formats.test_onnx_text import FORMS, made, written
from tests.fuzz.archive_fuzz import loop_each

_MODULES = {
    "onnx": ("onnx_files", ""), "savedmodel": ("tensorflow_files", ""),
    "tflite": ("lite_files", ""), "coreml": ("other_graphs", "coreml"),
    "paddle": ("other_graphs", "paddle"), "caffe": ("other_graphs", "caffe"),
    "mxnet": ("other_graphs", "mxnet"), "cntk": ("other_graphs", "cntk"),
}  # fmt: skip
FORMATS = (*_MODULES, "onnx-text")
TEXT_MARKS = (b"{", b"}", b"<", b'"graph": ', b"node { ", b'op_type: "', b"\\", b"'", b"# ", b"[")
MARKS = (b"\x0a", b"\x12", b"\x3a", b"\x08\x01", b"\x2a", b"\x0b", b"\x0c", b"TFL3", b"\x04\x00")
_REAL = Path(__file__).resolve().parents[1] / "corpus" / "real"
_SUFFIXES = {"savedmodel": ".pb", "tflite": ".tflite", "coreml": ".mlmodel"}
_LARGEST = 20_000
_PYTHON = ("PyOp", "ai.onnx.contrib")


@cache
def seeds(name: str) -> list[bytes]:
    """Return hostile and ordinary files of a format, small ones."""
    if name == "onnx-text":
        return [written(form, made(*kind)) for form in FORMS for kind in ((), _PYTHON)]
    module, prefix = _MODULES[name]
    found: dict[bytes, None] = {}
    for case in import_module(f"tests.corpus.malicious.{module}").cases():
        if case.name.startswith(prefix):
            found |= dict.fromkeys((case.data, case.twin or b""))
    suffix = _SUFFIXES.get(name, "-")
    found |= {path.read_bytes(): None for path in _REAL.rglob("*") if path.suffix == suffix}
    return [data for data in found if 0 < len(data) <= _LARGEST]


def marks(name: str) -> tuple[bytes, ...]:
    """Return pieces that matter to a format."""
    return TEXT_MARKS if name == "onnx-text" else MARKS


if __name__ == "__main__":
    sys.exit(loop_each(FORMATS, seeds, marks))
