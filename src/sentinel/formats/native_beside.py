"""Is there a model beside this file? Asked of the folder it lies in, or of the archive."""

from __future__ import annotations

import re

from ..artifacts import Artifact
from ..limits import KIB, MIB
from ..readers.base import Reader
from ..readers.file import names_in

_MODEL = (
    r"\.(?:safetensors|gguf|ggml|onnx|h5|hdf5|keras|pt|pkl|joblib|tflite|pb|ckpt|mlmodel|pdmodel"
    r"|ubj|cbm|msgpack|engine|plan|rknn|mnn|pte|skops|nemo)"
)
_NAME = re.compile(_MODEL + r"$", re.IGNORECASE)
_IN_BYTES = re.compile(rb"[\w .@-]{1,100}" + _MODEL.encode(), re.IGNORECASE)
_OF_SAVED_MODEL = re.compile(r"(?:\A|[/\\])(?:assets|assets\.extra|variables)\Z")
"""Folders of a SavedModel; what lies in them comes with the graph beside them."""
_HEAD = 256 * KIB
_TAIL = MIB
_BLOCK = 512
_HEADERS = 2_000


def model_beside(artifact: Artifact) -> str:
    """Return the name of a model in the same folder or archive; empty when none was met.

    Of an archive only the ends are searched for names, of a tar also the first 2,000 headers.

    Raises:
        ReadError: The archive cannot be read.
    """
    if artifact.parent is None:
        directory: str | None = getattr(artifact.reader, "directory", None)
        names: frozenset[str] = frozenset() if directory is None else names_in(directory)
        if directory is not None and _OF_SAVED_MODEL.search(directory):
            names |= names_in(directory, 1)
        own = artifact.leaf
        return min((name for name in names if name != own and _NAME.search(name)), default="")
    reader = artifact.parent.reader
    head = reader.pread(0, _HEAD)
    if head[257:262] == b"ustar":
        return _in_tar(reader)
    tail = reader.pread(max(0, reader.size - _TAIL), _TAIL)
    found = _IN_BYTES.search(tail) or _IN_BYTES.search(head)
    return found[0].decode("ascii", "replace").rpartition("/")[2] if found else ""


def _in_tar(reader: Reader) -> str:
    at = 0
    for _ in range(_HEADERS):
        header = reader.pread(at, _BLOCK)
        name = header[:100].partition(b"\0")[0].decode("utf-8", "replace")
        if not name:
            break
        if _NAME.search(name):
            return name.rpartition("/")[2]
        digits = header[124:136].strip(b" \0")
        if not digits.isdigit() or digits.strip(b"01234567"):
            break
        at += _BLOCK - -int(digits, 8) // _BLOCK * _BLOCK
    return ""
