"""Metadata with and without credentials, in each format that keeps any. All values are made up."""

from __future__ import annotations

import io
import json
import struct
import zipfile

from tests.kit.runtimes import tensorrt
from tests.kit.trees import as_json, as_ubjson, lightgbm, xgboost

HF = "hf_" + "QwErTyUiOpAsDfGhJkLzXcVbNmQaZwSxEd"
AWS = "AKIA" + "QZ7XV3PM2LTN5KRD"
LOGIN = "https://trainer:9f1Kq-zz81Lm@" + "models.internal/run/7"
SIGNED = "https://bucket.host/x.bin?Expires=9&sig=" + "kJ3h5Gd7aQ2wE9rT1yU8iO4p"
PLAIN = "see https://huggingface.co/docs and https://example.org/a?page=2 for hf_transfer"


def safetensors(text: str) -> bytes:
    """Return a file with a text in its metadata."""
    header = json.dumps({"__metadata__": {"note": text}}).encode()
    return struct.pack("<Q", len(header)) + header


def gguf(text: str) -> bytes:
    """Return a file with a text among its key-values."""

    def held(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    field = held("general.note") + struct.pack("<I", 8) + held(text)
    return b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + field


def archive(text: str) -> bytes:
    """Return a zip archive with a comment."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a.txt", "a")
        made.comment = text.encode()
    return out.getvalue()


def in_formats(text: str) -> dict[str, bytes]:
    """Return one file for each format by its name."""
    model = xgboost()
    model["learner"]["attributes"]["note"] = text
    return {
        "m.safetensors": safetensors(text), "m.gguf": gguf(text), "m.zip": archive(text),
        "m.json": as_json(model), "m.ubj": as_ubjson(model),
        "m.txt": lightgbm("objective=binary", f"parser_config_str={text}\nobjective=binary"),
        "m.engine": tensorrt(metadata=json.dumps({"note": text}).encode()),
    }  # fmt: skip
