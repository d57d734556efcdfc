"""Fuzzes the zip reader: ``python -m tests.fuzz.fuzz_zip --runs 200000 --seed 1``."""

from __future__ import annotations

import io
import struct
import sys
import zipfile

from tests.formats.archive.kit import PICKLE, Entry, build
from tests.fuzz.archive_fuzz import loop

MARKS = (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08")


def seeds() -> list[bytes]:
    """Return real archives by several writers, and a few that already lie."""
    made = [_zipfile(method) for method in (0, 8, 12, 14)]
    made += [_streamed(), _zip64(), _torch(), _npz()]
    two = build(Entry("a", PICKLE))
    made += [
        b"#!/bin/sh\n" + made[0],
        two + build(Entry("b", method=8)),
        build(Entry("a"), Entry("A", PICKLE), Entry("a", PICKLE), comment=two),
        build(
            Entry("../x", PICKLE, listed=False), Entry("y", flags=1), before_directory=PICKLE * 9
        ),
        build(Entry("link", b"/etc/passwd", central={"attributes": 0o120777 << 16})),
    ]
    return made


def _zipfile(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.comment = b"a comment"
        archive.writestr("model/data.pkl", PICKLE * 20)
        archive.writestr("model/données.bin", bytes(range(256)) * 4)
        archive.writestr("model/", b"")
    return out.getvalue()


class _Pipe(io.RawIOBase):
    """A file that cannot be sought, so that zipfile streams."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.data += bytes(data)  # type: ignore[call-overload]
        return len(bytes(data))  # type: ignore[call-overload]


def _streamed() -> bytes:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        archive.writestr("a.pkl", PICKLE)
        archive.writestr("b.txt", b"text " * 100)
    return bytes(pipe.data)


def _zip64() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("big", "w", force_zip64=True) as member:
        member.write(PICKLE * 3)
    data = out.getvalue()
    end = data.rfind(b"PK\x05\x06")
    count, _, size, start = struct.unpack_from("<2H2L", data, end + 8)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    return data[:end] + record + locator + data[end:]


def _torch() -> bytes:
    import torch

    out = io.BytesIO()
    torch.save({"weight": torch.zeros(3), "bias": torch.ones(2)}, out)
    return out.getvalue()


def _npz() -> bytes:
    import numpy as np

    out = io.BytesIO()
    np.savez_compressed(out, a=np.arange(50), b=np.ones(3))
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(loop("zip", seeds(), MARKS))
