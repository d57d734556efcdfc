"""Following DVC pointers: to the file they name if that is what lies there, else to the reason."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from sentinel.dvc import follow
from sentinel.limits import DEFAULT_LIMITS, Limits
from sentinel.targets import Target


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    return root


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


def pointer(path: str, data: bytes, **more: object) -> str:
    values = {"md5": md5(data), "size": len(data), "hash": "md5", "path": path, **more}
    lines = [f"{key}: {value}" for key, value in values.items() if value is not None]
    return "outs:\n- " + "\n  ".join(lines) + "\n"


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def followed(*names: str, limits: Limits = DEFAULT_LIMITS) -> list[Target]:
    return list(follow([Target(name, named=True) for name in names], str(Path.cwd()), limits))


def reason(*names: str) -> str:
    (target,) = followed(*names)
    assert target.gap is not None
    assert target.path == names[0]
    return f"{target.gap.reason}: {target.gap.detail}"


def test_the_file_that_was_recorded_is_scanned(tree: Path) -> None:
    write(tree / "models" / "m.pkl", b"model")
    write(tree / "models" / "m.pkl.dvc", pointer("m.pkl", b"model"))
    assert followed("models/m.pkl.dvc") == [Target("models/m.pkl", named=True)]


def test_other_targets_stay_as_they_are(tree: Path) -> None:
    write(tree / "a.dvc", "not a pointer\n")
    assert followed("a.pkl", "a.dvc") == [Target("a.pkl", True), Target("a.dvc", True)]


def test_a_file_is_scanned_once(tree: Path) -> None:
    write(tree / "m.pkl", b"model")
    write(tree / "m.pkl.dvc", pointer("m.pkl", b"model"))
    assert followed("m.pkl", "m.pkl.dvc") == [Target("m.pkl", True)]


def test_one_that_is_not_there_is_told(tree: Path) -> None:
    write(tree / "m.pkl.dvc", pointer("m.pkl", b"model"))
    assert reason("m.pkl.dvc") == "pointer: not scanned: DVC pointer; 'm.pkl' is not here"


@pytest.mark.parametrize("there", [b"other", b"longer than it"])
def test_one_that_is_another_is_told(tree: Path, there: bytes) -> None:
    write(tree / "m.pkl", there)
    write(tree / "m.pkl.dvc", pointer("m.pkl", b"model"))
    assert "is not the one that the pointer names" in reason("m.pkl.dvc")


def test_one_without_a_digest_is_told(tree: Path) -> None:
    write(tree / "m.pkl", b"model")
    write(tree / "m.pkl.dvc", pointer("m.pkl", b"model", md5=None))
    assert "has no MD5" in reason("m.pkl.dvc")


@pytest.mark.parametrize("path", ["../secret", "/etc/hostname", "a/../../secret", "."])
def test_a_pointer_does_not_lead_out_of_the_project(tree: Path, path: str) -> None:
    write(tree.parent / "secret", b"model")
    write(tree / "m.pkl.dvc", pointer(path, b"model"))
    assert "lies outside of the project" in reason("m.pkl.dvc")


def test_a_working_directory_within_the_project_is_followed(tree: Path) -> None:
    write(tree / "m.pkl", b"model")
    write(tree / "stages" / "m.dvc", "wdir: ..\n" + pointer("m.pkl", b"model"))
    assert followed("stages/m.dvc") == [Target("m.pkl", named=True)]


def test_a_link_into_the_cache_is_followed(tree: Path) -> None:
    cached = write(tree / ".dvc" / "cache" / "x", b"model")
    (tree / "m.pkl").symlink_to(cached)
    write(tree / "m.pkl.dvc", pointer("m.pkl", b"model"))
    assert followed("m.pkl.dvc") == [Target("m.pkl", named=True)]


def folder_digest(files: dict[str, bytes]) -> str:
    listed = [{"md5": md5(files[name]), "relpath": name} for name in sorted(files)]
    return md5(json.dumps(listed).encode()) + ".dir"


def test_a_folder_is_scanned_file_by_file(tree: Path) -> None:
    files = {"a.pkl": b"a", "sub/b.pkl": b"b", "ü.bin": b"x"}
    for name, data in files.items():
        write(tree / "models" / name, data)
    # Of a folder with this content `dvc add` (3.67.1) makes the same digest.
    assert folder_digest({"x": b"1\n"}) == "2bb1ab0d4a051c86389bd68a9371f6ba.dir"
    text = pointer("models", b"", md5=folder_digest(files), size=3, nfiles=3)
    write(tree / "models.dvc", text)
    assert {target.path for target in followed("models.dvc")} == {
        f"models/{name}" for name in files
    }

    write(tree / "models" / "c.pkl", b"c")
    assert "is not the one that the pointer names" in reason("models.dvc")


def test_a_file_where_a_folder_should_be_and_the_other_way_round(tree: Path) -> None:
    write(tree / "a", b"")
    write(tree / "a.dvc", pointer("a", b"", md5=folder_digest({})))
    assert "is not the one" in reason("a.dvc")
    (tree / "b").mkdir()
    write(tree / "b.dvc", pointer("b", b""))
    assert "is not the one" in reason("b.dvc")


def test_a_lock_file_leads_to_the_outputs_of_its_stages(tree: Path) -> None:
    write(tree / "m.pkl", b"model")
    outs = "".join(f"    {line}\n" for line in pointer("m.pkl", b"model").splitlines())
    write(tree / "dvc.lock", f"schema: '2.0'\nstages:\n  train:\n    cmd: x\n{outs}")
    assert followed("dvc.lock") == [Target("m.pkl", named=True)]


def test_each_output_is_told_where_the_pointer_names_it(tree: Path) -> None:
    text = pointer("a.pkl", b"a") + pointer("b.pkl", b"b").partition("\n")[2]
    write(tree / "both.dvc", text)
    assert [target.gap.location.line for target in followed("both.dvc") if target.gap] == [2, 6]


@pytest.mark.parametrize("text", [b"outs: [x]\n", b"outs:\n- \xff\n"])
def test_a_pointer_that_cannot_be_read_is_told(tree: Path, text: bytes) -> None:
    write(tree / "m.dvc", text)
    assert reason("m.dvc").startswith("malformed: ")


def test_a_file_too_large_to_be_scanned_is_not_hashed_for_nothing(tree: Path) -> None:
    with (tree / "m.pkl").open("wb") as file:
        file.truncate(1 << 40)  # sparse: reading it would take hours
    write(tree / "m.pkl.dvc", pointer("m.pkl", b"", size=1 << 40))
    limits = DEFAULT_LIMITS._replace(max_file_size=1 << 30)
    assert followed("m.pkl.dvc", limits=limits) == [Target("m.pkl", named=True)]


def test_a_pipe_blocks_nothing(tree: Path) -> None:
    os.mkfifo(tree / "m.pkl")
    write(tree / "m.pkl.dvc", pointer("m.pkl", b"model"))
    assert "cannot be read" in reason("m.pkl.dvc")
    os.mkfifo(tree / "p.dvc")
    assert reason("p.dvc").startswith("unreadable: ")
