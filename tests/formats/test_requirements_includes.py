"""Requirements files that include others: chains, circles, and nothing outside of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.formats.requirements_kit import read_file


def chain(folder: Path, names: list[str]) -> Path:
    for number, name in enumerate(names):
        following = f"-r {names[number + 1]}\n" if number + 1 < len(names) else ""
        (folder / name).write_text(f"p{number}==1\n{following}")
    return folder / names[0]


def test_a_chain_is_followed(tmp_path: Path) -> None:
    top = chain(tmp_path, [f"r{number}.txt" for number in range(6)])
    found, gaps = read_file(top)
    assert not gaps
    assert [(one.name, one.file) for one in found.requirements] == [
        ("p0", ""), ("p1", "r1.txt"), ("p2", "r2.txt"), ("p3", "r3.txt"), ("p4", "r4.txt"),
        ("p5", "r5.txt"),
    ]  # fmt: skip


def test_a_chain_that_is_too_deep_is_a_gap(tmp_path: Path) -> None:
    found, gaps = read_file(chain(tmp_path, [f"r{number}.txt" for number in range(30)]))
    assert 6 < len(found.requirements) < 30
    assert gaps


def test_a_circle_ends(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x==1\n-r b.txt\n-r a.txt\n")
    (tmp_path / "b.txt").write_text("y==1\n-r a.txt\n-c ./b.txt\n")
    found, gaps = read_file(tmp_path / "a.txt")
    assert not gaps
    assert [one.name for one in found.requirements] == ["x", "y"]
    assert {one.outcome for one in found.includes} == {"read", "cycle"}


def test_a_file_that_is_included_many_times_is_read_once(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"r{number}.txt").write_text(f"p{number}==1\n" + f"-r r{number + 1}.txt\n" * 50)
    (tmp_path / "r9.txt").write_text("last==1\n")
    found, gaps = read_file(tmp_path / "r0.txt")
    assert not gaps
    assert len(found.requirements) == 10


@pytest.mark.parametrize(
    ("target", "outcome"),
    [
        ("../secret.txt", "outside"), ("sub/../../secret.txt", "outside"),
        ("/etc/passwd", "outside"),
        ("~/secret.txt", "outside"), ("link.txt", "outside"), ("linked/secret.txt", "outside"),
        ("https://h.invalid/r.txt", "address"), ("file:///etc/passwd", "address"),
        ("none.txt", "missing"), ("sub", "missing"), ("${HOME}/x.txt", "outside"),
        ("sub/inner.txt", "read"), ("sub/../sub/inner.txt", "read"),
    ],
)  # fmt: skip
def test_nothing_outside_of_the_folder_is_opened(tmp_path: Path, target: str, outcome: str) -> None:
    folder = tmp_path / "model"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret-package==1\n")
    (folder / "sub" / "inner.txt").write_text("inner==1\n")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "linked").symlink_to(tmp_path)
    (folder / "requirements.txt").write_text(f"-r {target}\n")
    found, gaps = read_file(folder / "requirements.txt")
    assert [one.outcome for one in found.includes] == [outcome]
    assert "secret-package" not in repr(found)
    assert bool(gaps) == (outcome != "read")


def test_a_cache_of_links_is_one_folder(tmp_path: Path) -> None:
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshots" / "abc"
    blobs.mkdir()
    snapshot.mkdir(parents=True)
    for name, text in {"requirements.txt": "-r more.txt\n", "more.txt": "x==1\n"}.items():
        (blobs / f"blob-{name}").write_text(text)
        (snapshot / name).symlink_to(f"../../blobs/blob-{name}")
    found, gaps = read_file(snapshot / "requirements.txt")
    assert not gaps
    assert [one.name for one in found.requirements] == ["x"]


def test_constraints_are_told_from_requirements(tmp_path: Path) -> None:
    (tmp_path / "pins.txt").write_text("x==1\n")
    (tmp_path / "requirements.txt").write_text("x\n-c pins.txt\ny\n")
    found, _ = read_file(tmp_path / "requirements.txt")
    assert [(one.name, one.section) for one in found.requirements] == [
        ("x", "pip"), ("x", "constraint"), ("y", "pip"),
    ]  # fmt: skip
