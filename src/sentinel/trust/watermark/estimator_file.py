"""Files of estimators: pickles, joblib's files, skops, and the models of XGBoost.

A file is loaded by ``secure_load`` at its two safest levels, and by nothing else, so that what it
may hold is what the allowlist names. The copy is written in the same form.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, cast

from ..extras import need
from .detect import MarkVerdict
from .embed import Marked
from .file_store import copied, open_model, refuse_signed
from .keys import WatermarkKeyProvider
from .kinds import Job, kind_of_model
from .record import NotMarked
from .verify import Request, Verification

_ZIP = b"PK\x03\x04"
_HEADS = (b"\x80", b"\x78", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"]\0\0", b'{"', b"{L\0", b"{\n")
_COMPRESSORS = {"gzip": "gzip", "zlib": "zlib", "bzip2": "bz2", "xz": "xz", "lzma": "lzma"}
_JOBLIB = b"NumpyArrayWrapper"
_PIECE = 1 << 20
_LEVEL = 3


def matches(head: bytes, size: int) -> bool:
    """Return True for what begins like a pickle, a compressed one, skops, or XGBoost's model.

    An archive of skops begins with an array or its schema; one of ``torch.save`` with a directory.
    """
    if head.startswith(_ZIP):
        length = int.from_bytes(head[26:28], "little")
        return head[30 : 30 + length].endswith((b".npy", b".npz", b"schema.json"))
    return head.startswith(_HEADS)


def embed_file(path: str, out: str, job: Job) -> Marked:
    """Write a marked copy, in the form of the file.

    Raises:
        NotMarked: It cannot be marked, or the mark is gone once the copy is read again.
        TrustError: It carries a signature, or ``secure_load`` refuses it.
        UsageError: A path cannot be used, or a library is missing.
    """
    refuse_signed(os.path.dirname(path), os.path.dirname(out))
    with open_model(path) as reader, copied(reader, out) as copy:
        model, kind = _loaded(path, path)
        twin, marked = kind_of_model(model).embed_model(model, job)
        _write(twin, kind, copy)
        again, _ = _loaded(copy, path)
        request = Request(marked.record)
        found = kind_of_model(again).verify_model(again, job.provider, request)
        if found.verdict is not MarkVerdict.MARKED:
            raise NotMarked("self-check", f"{path}: the mark is not in the file that was written")
    return cast("Marked", marked)


def verify_file(path: str, provider: WatermarkKeyProvider, request: Request) -> Verification:
    """Look for the mark of a key. Raises as ``secure_load`` and the kind of model do."""
    model, _ = _loaded(path, path)
    return cast("Verification", kind_of_model(model).verify_model(model, provider, request))


def _loaded(path: str, name: str) -> tuple[Any, str]:
    """Return a model and the form of its file: ``pickle``, ``joblib``, ``skops``, ``json`` ...

    Raises:
        NotMarked: It is of a form that is not written here.
    """
    from ..load import secure_load

    found = secure_load(path)
    if found.format == "pickle" or found.format in _COMPRESSORS:
        plain = found.format == "pickle" and not _mentions(path, _JOBLIB)
        return found.obj, "pickle" if plain else _COMPRESSORS.get(found.format, "joblib")
    if found.format == "xgboost":
        return found.obj, "json" if _head(path)[1:2] != b"L" else "ubj"
    if found.format == "skops":
        return found.obj, "skops"
    hint = "save it as today's torch.save does, or as safetensors"
    raise NotMarked(
        "unsupported-kind", f"{name}: a file of {found.format} is not marked here",
        hint if found.format == "torch" else "",
    )  # fmt: skip


def _head(path: str) -> bytes:
    with open_model(path) as reader:
        return reader.pread(0, 64)


def _mentions(path: str, word: bytes) -> bool:
    with open_model(path) as reader:
        starts = range(0, reader.size, _PIECE)
        return any(word in reader.pread(start, _PIECE + len(word)) for start in starts)


def _write(model: Any, kind: str, path: str) -> None:
    writers: dict[str, Callable[[Any, str], object]] = {
        "pickle": _write_pickle, "skops": _write_skops, "json": _write_booster("json"),
        "ubj": _write_booster("ubj"),
    }  # fmt: skip
    writers.get(kind, _write_joblib(kind))(model, path)


def _write_pickle(model: Any, path: str) -> None:
    import pickle  # writes only; what is read goes through secure_load

    with open(path, "wb") as file:
        pickle.dump(model, file, protocol=4)


def _write_joblib(kind: str) -> Callable[[Any, str], object]:
    def write(model: Any, path: str) -> None:
        import joblib  # writes only; what is read goes through secure_load

        with open(path, "wb") as file:
            joblib.dump(model, file, compress=0 if kind == "joblib" else (kind, _LEVEL))

    return write


def _write_skops(model: Any, path: str) -> None:
    need("safe", "skops")
    from skops.io import dumps

    with open(path, "wb") as file:
        file.write(dumps(model))


def _write_booster(kind: str) -> Callable[[Any, str], object]:
    def write(model: Any, path: str) -> None:
        with open(path, "wb") as file:
            file.write(model.save_raw(kind))

    return write
