"""Keep the hostile cases as files, so that they are made once and can be handed to a process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from tests.corpus.malicious import cases
from tests.corpus.malicious.case import Case

_BYTES = ("data", "twin", "stream")


def hostile(folder: Path) -> Iterator[Case]:
    """Yield every case, from the folder where they are kept; write them there first if need be."""
    if not (folder / "index.json").exists():
        write(folder)
    for entry in json.loads((folder / "index.json").read_text(encoding="utf-8")):
        for key in _BYTES:
            if entry[key] is not None:
                entry[key] = (folder / entry[key]).read_bytes() if entry[key] else b""
        yield Case(**entry)


def write(folder: Path) -> None:
    """Write every case: ``NUMBER/FILENAME`` is the hostile file; the index says the rest."""
    making = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    entries = []
    for number, case in enumerate(cases()):
        entry = asdict(case)
        place = making / f"{number:05d}"
        place.mkdir()
        (place / case.filename).write_bytes(case.data)
        entry["data"] = f"{number:05d}/{case.filename}"
        for key in ("twin", "stream"):
            if entry[key]:
                name = f"{number:05d}.{key}"
                (making / name).write_bytes(entry[key])
                entry[key] = name
            elif entry[key] is not None:
                entry[key] = ""
        entries.append(entry)
    text = json.dumps(entries, default=str)
    (making / "index.json").write_text(text, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)
