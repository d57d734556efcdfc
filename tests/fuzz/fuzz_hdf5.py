"""Fuzzes the HDF5 reader: ``python -m tests.fuzz.fuzz_hdf5 --runs 10000``."""

from __future__ import annotations

import io
import sys
from functools import cache
from typing import Any

from tests.corpus.malicious.case import EVIL
from tests.fuzz.archive_fuzz import loop

MARKS = (
    b"\x89HDF\r\n\x1a\n", b"OHDR", b"OCHK", b"TREE", b"SNOD", b"HEAP", b"GCOL", b"FRHP", b"FHIB",
    b"FHDB", b"BTHD", b"BTLF", b"BTIN", b"FAHD", b"FADB", b"EAHD", b"EAIB", b"EADB",
)  # fmt: skip


@cache
def seeds() -> list[bytes]:
    """Return small files with something of everything, in each version of the format."""
    return [_make(version) for version in ("earliest", "v108", "v110", "latest")]


def _make(version: str) -> bytes:
    import h5py
    import numpy as np

    def fill(file: Any) -> None:
        file.attrs["model_config"] = '{"class_name": "Model", "config": {}}'
        group = file.create_group("g")
        for number in range(12):
            group.attrs[f"a{number}"] = f"value {number}"
        group.attrs["opaque"] = np.void(EVIL[4])
        group["soft"], group["out"] = h5py.SoftLink("/g"), h5py.ExternalLink("other.h5", "/x")
        for number in range(12):
            group.create_group(f"n{number}")
        group["back"] = file["/"]
        blob = np.frombuffer(EVIL[4], np.uint8)
        file.create_dataset("c", data=blob, chunks=(8,), compression="gzip", shuffle=True)
        file.create_dataset("e", data=blob, chunks=(8,), maxshape=(None,), compression="lzf")
        file.create_dataset("x", (9,), "u1", external=[("raw.bin", 0, 9)])
        file.create_dataset("t", data=np.zeros(2, [("a", "i4"), ("b", "S3"), ("c", "f8", 2)]))
        rows = file.create_dataset("r", (3,), h5py.vlen_dtype(np.uint8), chunks=(1,))
        rows[1] = blob
        if version != "earliest":
            layout = h5py.VirtualLayout(shape=(9,), dtype="u1")
            layout[::2] = h5py.VirtualSource("v.h5", "x", shape=(9,))[:5]
            file.create_virtual_dataset("v", layout)

    out = io.BytesIO()
    with h5py.File(out, "w", libver=version, userblock_size=512) as file:
        fill(file)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(loop("hdf5", seeds(), MARKS))
