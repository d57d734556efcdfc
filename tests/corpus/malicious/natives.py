"""Programs and byte code within models, behind them, beside them, and under their names."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from functools import partial

from tests.corpus.malicious.arrays import joblib_file, wrapper
from tests.corpus.malicious.case import Case
from tests.kit.natives import ALL, elf, pe


def packed(**members: bytes) -> bytes:
    """Return a zip archive; two underscores in a keyword are a dot."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name.replace("__", ".")), data)
    return out.getvalue()


def tarred(**members: bytes) -> bytes:
    """Return a tar archive; two underscores in a keyword are a dot."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name.replace("__", "."))
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def cases() -> Iterator[Case]:
    """Yield the cases of the family."""
    good = packed(notes=b"plain text, nothing else")
    for name, code in ALL.items():
        severity = "high" if name.startswith(("elf", "pe", "mach")) else "medium"
        yield _case(f"in-model-{name}", packed(notes=code), good, "model.npz", severity)
        yield _case(f"named-{name}", code, None, "model.safetensors")
    weights = packed(run=b"text", model__gguf=b"")
    for name, code in {"elf": elf(), "pe": pe()}.items():
        hostile = packed(run=code, model__gguf=b"")
        yield _case(f"beside-{name}", hostile, weights, "model.zip", "medium")
        hostile = tarred(run=code, model__gguf=b"")
        yield _case(f"beside-{name}-tar", hostile, tarred(run=b"text"), "model.tar", "medium")
    yield from _in_arrays()


def _in_arrays() -> Iterator[Case]:
    """Yield programs as the bytes of arrays, in files that say all about each array."""
    plain = bytes(range(256)) * 4
    for name, code in {"elf": elf(), "pe": pe(), "mach": ALL["mach"]}.items():
        data, twin = (_in_joblib(body) for body in (code.ljust(1024, b"\0"), plain))
        yield _case(f"joblib-{name}", data, twin, "model.joblib")
    try:
        import torch
    except ImportError:
        return
    kinds = {"uint8": torch.uint8, "int8": torch.int8, "bool": torch.bool}
    for name, kind in kinds.items():
        for modern in (True, False):
            data, twin = (
                _in_torch(torch.frombuffer(bytearray(body), dtype=kind), modern)
                for body in (elf().ljust(1024, b"\0"), plain)
            )
            yield _case(f"torch-{name}{'' if modern else '-legacy'}", data, twin, "model.pt")


def _in_joblib(body: bytes) -> bytes:
    floats = partial(wrapper, (4,), "f8", struct.pack("<4d", 1, 2, 3, 4))
    return joblib_file(floats, partial(wrapper, (len(body),), "u1", body))


def _in_torch(tensor: object, modern: bool) -> bytes:
    import torch

    out = io.BytesIO()
    state = {"weight": torch.ones(4), "bytes": tensor}
    torch.save(state, out, _use_new_zipfile_serialization=modern)
    return out.getvalue()


def _case(name: str, data: bytes, twin: bytes | None, file: str, expect: str = "high") -> Case:
    return Case(name, "native", file, data, twin, expect, reaches=False)
