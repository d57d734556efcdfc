"""What processes hand on to each other comes back as it was."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import pytest

from sentinel.datasets import FileValidator, Options, compare, spool
from tests.datasets.pairs import labelled, reviews
from tests.datasets.pictures import picture


def seen(folder: Path) -> FileValidator:
    (folder / "train.csv").write_bytes(labelled(reviews(300)))
    (folder / "test-\udce4.csv").write_bytes(labelled(reviews(200, 6)))
    (folder / "a.png").write_bytes(picture("png"))
    (folder / "none.csv").write_bytes(b"")
    validator = FileValidator(Options(pii=None))
    for path in sorted(folder.iterdir()):
        validator.file(path)
    return validator


def test_what_is_put_is_taken(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "spool").mkdir()
    validator = seen(tmp_path / "data")
    before = list(validator.seen)
    spool.put(str(tmp_path / "spool"), validator.take())
    assert validator.seen == []
    after = spool.take(str(tmp_path / "spool"))
    assert after == sorted(before, key=lambda one: one.path)
    assert sum(len(one.near.items) for one in after) == 500


def test_the_key_is_set_while_it_lasts() -> None:
    before = os.environ.get("PYTHONHASHSEED")
    with spool.one_key():
        assert int(os.environ["PYTHONHASHSEED"]) < 2**32
    assert os.environ.get("PYTHONHASHSEED") == before


def test_how_often_texts_are_thinned_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    validating = import_module("sentinel.datasets.validate")  # the function has its name too
    whole = seen(tmp_path).seen
    monkeypatch.setattr(validating, "MOST_SKETCHES", 120)
    often = seen(tmp_path).seen
    assert 0 < sum(len(one.near.items) for one in often) <= 120
    assert compare(str(tmp_path), often) == compare(str(tmp_path), whole)
    assert validating.thin(often) == validating.thin(whole)
