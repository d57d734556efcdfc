"""Ordinary files made by real libraries are clean: examined in full, nothing of medium or above."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sentinel import scan_bytes
from tests.corpus import benign
from tests.corpus.judge import alarm


@pytest.mark.parametrize("group", benign.GROUPS)
def test_files_of(group: str, benign_folder: Path, subtests: pytest.Subtests) -> None:
    missing = json.loads((benign_folder / "groups.json").read_text(encoding="utf-8"))[group]
    if missing:
        pytest.skip(missing)
    found = benign.files(benign_folder, group)
    assert found
    for path in found:
        with subtests.test(path.name):
            assert alarm(scan_bytes(path.read_bytes(), path.name)) == ""


def test_there_are_enough_of_them(benign_folder: Path) -> None:
    missing = json.loads((benign_folder / "groups.json").read_text(encoding="utf-8"))
    if any(missing.values()):
        pytest.skip(f"not installed: {[name for name, why in missing.items() if why]}")
    libraries = [name for name in benign.GROUPS if name != "standard"]
    files = {name: benign.files(benign_folder, name) for name in libraries}
    assert len([name for name in libraries if len(files[name]) >= 5]) >= 12
    assert sum(map(len, files.values())) >= 500
