"""Names that really stand in the files which the sample objects are written to.

``python -m tools.collect MODULE`` prints, as JSON, every ``[module, name]`` that the objects of
``tools.samples.MODULE`` put into pickles of all protocols, joblib files and torch checkpoints. Each
library runs in a process of its own, so that none changes what another one writes.
"""

from __future__ import annotations

import importlib
import io
import json
import pickle
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

from sentinel.formats.pickle import interpret

Names = set[tuple[str, str]]

_OWN = ("__main__", "tools.", "__mp_main__")


def names_in(data: bytes) -> Names:
    """Return the names that a pickle or joblib file imports."""
    found = interpret(data).globals
    return {(one.module, one.name) for one in found if not one.module.startswith(_OWN)}


def collect(module: str) -> tuple[Names, list[str]]:
    """Return the names that the sample objects of a module write, and what could not be written."""
    names: Names = set()
    failed: list[str] = []
    for label, value in importlib.import_module(f"tools.samples.{module}").objects():
        written = list(_files(value))
        if not written and isinstance(value, list | tuple):
            written = [data for item in value for data in _files(item)]
        if not written:
            failed.append(label)
        for data in written:
            names |= names_in(data)
    return names, failed


def _files(value: Any) -> Iterator[bytes]:
    # Objects of torch's own kind abort the process in protocols 0 and 1.
    first = 2 if "torch" in sys.modules else 0
    for protocol in range(first, pickle.HIGHEST_PROTOCOL + 1):
        try:
            yield pickle.dumps(value, protocol)
        except Exception:
            continue
    yield from _joblib(value)
    if "torch" in sys.modules:
        yield from _torch(value)


def _joblib(value: Any) -> Iterator[bytes]:
    import joblib

    buffer = io.BytesIO()
    try:
        joblib.dump(value, buffer)
    except Exception:
        return
    yield buffer.getvalue()


def _torch(value: Any) -> Iterator[bytes]:
    import torch

    for modern in (True, False):
        buffer = io.BytesIO()
        try:
            torch.save(value, buffer, _use_new_zipfile_serialization=modern)
        except Exception:
            continue
        if not modern:
            yield buffer.getvalue()
            continue
        with zipfile.ZipFile(buffer) as archive:
            yield from (archive.read(n) for n in archive.namelist() if n.endswith(".pkl"))


def main() -> None:
    """Print the names of one module's samples."""
    names, failed = collect(sys.argv[1])
    print(json.dumps({"names": sorted(names), "failed": failed}))


if __name__ == "__main__":
    main()
