"""Programs and byte code within models, behind them, beside them, and under their names."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator

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


def _case(name: str, data: bytes, twin: bytes | None, file: str, expect: str = "high") -> Case:
    return Case(name, "native", file, data, twin, expect, reaches=False)
