"""The files that are scanned: made documents, ordinary files, and the ten of a commit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.pii.measure.build import Document
from tests.pii.measure.clean import Sample, corpus
from tests.pii.measure.generator import generate

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements-pii.txt"
COMMIT = 10


class Folders(NamedTuple):
    """What the tools are given.

    Attributes:
        made: Documents by their path in the folder ``made``.
        clean: Ordinary files by their path in the folder ``clean``.
        home: The folder that holds ``made``, ``clean`` and ``commit``.
    """

    made: dict[str, Document]
    clean: dict[str, Sample]
    home: Path


def packages(folder: Path) -> Path:
    """Return a folder with the packages of the clean corpora, fetched if they are not there."""
    stamp = folder / "requirements.txt"
    wanted = REQUIREMENTS.read_text()
    if not stamp.is_file() or stamp.read_text() != wanted:
        print("fetching packages with tables, notebooks and vocabularies", file=sys.stderr)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
        subprocess.run([*command, str(folder), "-r", str(REQUIREMENTS)], check=True)
        stamp.write_text(wanted)
    return folder


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _commit(samples: Iterable[Sample], folder: Path) -> None:
    """Write ten Python files of some 17 KB each."""
    code = (sample for sample in samples if sample.kind == "code")
    fitting = (sample for sample in code if 12_000 < len(sample.data) < 22_000)
    for number, (sample, _) in enumerate(zip(fitting, range(COMMIT), strict=False)):
        _write(folder / f"module{number}.py", sample.data)


def prepare(home: Path, seed: int, count: int, cap: int, root: Path) -> Folders:
    """Write everything that the tools scan.

    Args:
        home: Empty folder for it.
        seed: Seed of the made documents.
        count: How many of them.
        cap: Bytes of each class of ordinary files.
        root: Folder of packages that the ordinary files are taken from.
    """
    made, clean = {}, {}
    for number, document in enumerate(generate(seed, count)):
        made[f"{number:05}/{document.name}"] = document
        _write(home / "made" / f"{number:05}" / document.name, document.data)
    samples = list(corpus([root], cap))
    for number, sample in enumerate(samples):
        path = f"{number:05}/{Path(sample.name.rsplit('!', 1)[-1]).name}"
        clean[path] = sample
        _write(home / "clean" / path, sample.data)
    _commit(samples, home / "commit")
    return Folders(made, clean, home)


def part(folder: Path, share: float, target: Path) -> Path:
    """Return a folder with every n-th file of another one, as links; the folder itself for 1."""
    if share >= 1:
        return folder
    step = round(1 / share)
    if not target.exists():
        for path in sorted(path for path in folder.rglob("*") if path.is_file())[::step]:
            link = target / path.relative_to(folder)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.hardlink_to(path)
    return target
