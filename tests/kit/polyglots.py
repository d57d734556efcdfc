"""Files of one format that go on as another, and programs that hold a model."""

from __future__ import annotations

import io
import struct
import zipfile

from tests.corpus.malicious.case import EVIL
from tests.kit.natives import pe
from tests.kit.secrets_in import gguf


def zipped(front: bytes = b"", **members: bytes) -> bytes:
    """Return a zip archive behind other bytes, with offsets from the start of the file."""
    out = io.BytesIO(front)
    out.seek(0, io.SEEK_END)
    with zipfile.ZipFile(out, "a") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name.replace("__", ".")), data)
    return out.getvalue()


def behind(front: bytes) -> dict[str, bytes]:
    """Return what may follow a file: archives with a pickle, pickles, programs, a page."""
    torch = {"archive/data.pkl": EVIL[2], "archive/version": b"3\n"}
    return {
        "zip": zipped(front, **torch),
        "pickle": front + EVIL[4],
        "elf": front
        + b"\x7fELF\x02\x01\x01"
        + bytes(9)
        + struct.pack("<HHI", 2, 62, 1)
        + bytes(40),
        "script": front + b"#!/bin/sh\necho SENTINEL_MARKER\n",
    }


def portable() -> bytes:
    """Return the first bytes of a portable executable, as Cosmopolitan makes them."""
    return b"MZqFpD='\n\n".ljust(60, b"\0") + pe()[60:]


def llamafile(front: bytes = b"", name: str = "model.gguf", data: bytes = b"") -> bytes:
    """Return a llamafile with a small model."""
    weights = data or gguf("a model")
    return zipped(front or portable(), **{name: weights, ".args": b"-m\nmodel.gguf\n"})
