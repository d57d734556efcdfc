"""What is scanned is what is loaded, whatever happens to the file meanwhile."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sentinel.errors import ReadError, TrustError, UsageError
from sentinel.trust import LoadPolicy, secure_load
from sentinel.trust.load import held as holding
from sentinel.trust.load import secure
from sentinel.trust.load.held import hold
from tests.trust.load.kit import pickled

GOOD = pickled(LogisticRegression(C=5.0).fit([[0.0], [1.0]], [0, 1]))
OTHER = pickled(LogisticRegression(C=7.0).fit([[0.0], [1.0]], [0, 1]))
HOSTILE = b"\x80\x04cos\nsystem\nX\x04\x00\x00\x00true\x85R."


def _replace(path: Path) -> None:
    new = path.with_name("new")
    new.write_bytes(HOSTILE)
    new.replace(path)


def _rewrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(HOSTILE)
        file.truncate()


def _other(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(OTHER)
        file.truncate()


@pytest.mark.parametrize("change", [_replace, _rewrite, _other, Path.unlink])
@pytest.mark.parametrize("moment", ["scan_held", "judge", "format_of"])
def test_a_file_that_changes_after_it_was_opened_loads_as_it_was(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], None],
    moment: str,
) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(GOOD)
    step: Any = getattr(secure, moment)

    def after(*args: Any) -> Any:
        found = step(*args)
        if path.exists():
            change(path)
        return found

    monkeypatch.setattr(secure, moment, after)
    result = secure_load(path)
    assert result.obj.C == 5.0
    assert result.digest == hashlib.sha256(GOOD).hexdigest()
    assert result.report.sha256 == result.digest


def test_a_file_that_is_hostile_from_the_start_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(HOSTILE)
    with pytest.raises(TrustError) as caught:
        secure_load(path)
    assert caught.value.reason == "findings"


def test_a_file_that_changes_while_it_is_copied_is_judged_as_it_was_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(GOOD)
    chunks: Any = holding._chunks

    def half(source: int, name: str) -> Any:
        whole = b"".join(chunks(source, name))
        yield whole[:40]
        yield HOSTILE

    monkeypatch.setattr(holding, "_chunks", half)
    with pytest.raises(TrustError):
        secure_load(path)


def test_the_copy_is_sealed(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    with hold(path, 10) as held:
        assert held.sealed == hasattr(os, "memfd_create")
        assert bytes(held.view()) == b"abc"
        if held.sealed:
            for write in (os.O_RDWR, os.O_WRONLY | os.O_TRUNC):
                with pytest.raises(OSError, match="not permitted"):
                    os.write(os.open(held.path, write), b"x")
        assert bytes(held.view()) == b"abc"


def test_without_sealed_memory_the_copy_is_in_a_private_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "_IN_MEMORY", -1)
    path = tmp_path / "model.pkl"
    path.write_bytes(GOOD)
    with hold(path, 1 << 20) as held:
        copy = Path(held.path)
        assert not held.sealed
        assert copy.parent.stat().st_mode & 0o777 == 0o700
        assert copy.stat().st_mode & 0o777 == 0o400
        assert bytes(held.view()) == GOOD
        assert held.digest == hashlib.sha256(GOOD).hexdigest()
    assert not copy.parent.exists()
    assert secure_load(path).obj.C == 5.0


def test_nothing_is_left_of_a_file_that_is_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "_IN_MEMORY", -1)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    path = tmp_path / "x"
    path.write_bytes(b"x" * 100)
    with pytest.raises(TrustError) as caught:
        holding.keep(iter((b"x" * 60, b"x" * 60)), "x", 100, 100)
    assert caught.value.reason == "too-large"
    assert [one.name for one in tmp_path.iterdir()] == ["x"]
    with pytest.raises(TrustError) as caught:
        secure_load(path, policy=LoadPolicy(max_size=99))
    assert caught.value.reason == "too-large"


def test_links_directories_pipes_and_nothing_are_each_one_error(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(GOOD)
    link = tmp_path / "link.pkl"
    link.symlink_to(path)
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (("link.pkl", "symlink"), ("pipe", "special-file")):
        with pytest.raises(TrustError) as caught:
            secure_load(tmp_path / name)
        assert caught.value.reason == reason
    with pytest.raises(UsageError, match="directory"):
        secure_load(tmp_path)
    for missing in ("none", "a\0b"):
        with pytest.raises(ReadError):
            secure_load(tmp_path / missing)
    assert secure_load(path).obj.C == 5.0


def test_descriptors_are_given_back(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(GOOD)
    secure_load(path)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for data in (GOOD, HOSTILE, b"", b"\x80\x04"):
        path.write_bytes(data)
        for _ in range(5):
            try:
                secure_load(path)
            except TrustError:
                continue
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1


def test_arrays_outlive_the_copy(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.arange(5))
    found = secure_load(path).obj
    path.unlink()
    assert found.tolist() == [0, 1, 2, 3, 4]
