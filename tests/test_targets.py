"""What a walk finds: each file once, by its own name, and nothing lost in silence."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from sentinel.errors import UsageError
from sentinel.targets import Target, walk

NO_ROOT = pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything"
)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    (tmp_path / "tree").mkdir()
    monkeypatch.chdir(tmp_path / "tree")
    return tmp_path / "tree"


def write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def found(*paths: str) -> list[str]:
    return [target.path for target in walk(paths or (".",)) if target.gap is None]


def gaps(*paths: str) -> dict[str, str]:
    return {target.path: target.gap.reason for target in walk(paths or (".",)) if target.gap}


def test_a_tree_is_walked_in_order_whatever_the_files_are_called(tree: Path) -> None:
    for name in ("b/z.pkl", "b/a", "a.txt", "c/d/e.bin"):
        write(tree / name)
    assert found() == ["a.txt", "b/a", "b/z.pkl", "c/d/e.bin"]
    assert found("b/", "c") == ["b/a", "b/z.pkl", "c/d/e.bin"]
    assert found(str(tree)) == [f"{tree}/{name}" for name in found()]


def test_a_named_file_comes_first_and_once(tree: Path) -> None:
    write(tree / "a.pkl")
    write(tree / "b.pkl")
    targets = list(walk([".", "b.pkl", "./b.pkl", str(tree / "b.pkl")]))
    assert targets == [Target("b.pkl", named=True), Target("a.pkl")]


def test_overlapping_directories_are_walked_once(tree: Path) -> None:
    write(tree / "sub" / "a.pkl")
    assert found(".", "sub") == ["sub/a.pkl"]
    assert found("sub", ".") == ["sub/a.pkl"]


def test_git_directories_are_left_out_unless_named(tree: Path) -> None:
    write(tree / ".git" / "objects" / "a")
    write(tree / "sub" / ".git" / "b")
    write(tree / ".gitignore")
    assert found() == [".gitignore"]
    assert found(".git") == [".git/objects/a"]


def test_what_does_not_exist_is_an_error_before_anything_is_scanned(tree: Path) -> None:
    write(tree / "a.pkl")
    with pytest.raises(UsageError, match="'nowhere' does not exist"):
        walk(["a.pkl", "nowhere"])
    with pytest.raises(UsageError, match=r"'a\.pkl/b' does not exist"):
        walk(["a.pkl/b"])
    with pytest.raises(UsageError, match="no path"):
        walk(["a\0b"])


def test_a_link_to_a_file_of_the_tree_adds_nothing(tree: Path) -> None:
    write(tree / "z" / "real.pkl")
    (tree / "a.pkl").symlink_to("z/real.pkl")
    assert found() == ["z/real.pkl"]


def test_a_link_with_another_suffix_is_another_file(tree: Path) -> None:
    write(tree / "blobs" / "0123")
    (tree / "model.pkl").symlink_to("blobs/0123")
    (tree / "again.pkl").symlink_to("blobs/0123")
    assert found() == ["blobs/0123", "again.pkl"]


def test_a_link_to_a_file_outside_is_followed_once(tree: Path) -> None:
    write(tree.parent / "outside.pkl")
    (tree / "a.pkl").symlink_to(tree.parent / "outside.pkl")
    (tree / "b.pkl").symlink_to("a.pkl")
    assert found() == ["a.pkl"]


def test_hard_links_are_files_of_their_own(tree: Path) -> None:
    write(tree / "a.pkl")
    os.link(tree / "a.pkl", tree / "b.pkl")
    assert found() == ["a.pkl", "b.pkl"]


def test_links_to_directories_that_loop_are_not_followed(tree: Path) -> None:
    write(tree / "sub" / "a.pkl")
    (tree / "sub" / "up").symlink_to("..")
    (tree / "sub" / "self").symlink_to(".")
    (tree / "root").symlink_to("/")
    (tree / "twin").symlink_to("sub")
    assert found() == ["sub/a.pkl"]
    assert found("sub") == ["sub/a.pkl"]


def test_a_link_to_a_directory_elsewhere_is_followed_once(tree: Path) -> None:
    write(tree.parent / "data" / "a.pkl")
    (tree.parent / "data" / "back").symlink_to(tree)
    (tree / "one").symlink_to(tree.parent / "data")
    (tree / "two").symlink_to(tree.parent / "data")
    assert found() == ["one/a.pkl"]


def test_dangling_links_are_gaps_where_a_model_should_be(tree: Path) -> None:
    (tree / "model.PKL").symlink_to("nowhere")
    (tree / "notes.txt").symlink_to("nowhere")
    (tree / "loop.pt").symlink_to("loop.pt")
    assert gaps() == {"model.PKL": "unreadable", "loop.pt": "unreadable"}
    assert gaps("notes.txt") == {"notes.txt": "unreadable"}


def test_pipes_and_sockets_are_never_opened(tree: Path) -> None:
    os.mkfifo(tree / "model.pkl")
    os.mkfifo(tree / "queue")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.pkl")
        (tree / "link.pkl").symlink_to("model.pkl")
        assert found() == []
        assert gaps() == dict.fromkeys(["model.pkl", "s.pkl", "link.pkl"], "special-file")
        assert gaps("queue") == {"queue": "special-file"}
    assert gaps("/dev/null") == {"/dev/null": "special-file"}


@NO_ROOT
def test_unreadable_directories_are_gaps(tree: Path) -> None:  # pragma: no cover
    write(tree / "closed" / "a.pkl")
    (tree / "closed").chmod(0)
    try:
        assert gaps() == {"closed": "unreadable"}
    finally:
        (tree / "closed").chmod(0o700)


def test_a_directory_that_cannot_be_listed_is_a_gap(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tree / "a.pkl")
    write(tree / "closed" / "b.pkl")
    listed = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr("sentinel.targets.os.scandir", refuse)
    assert found() == ["a.pkl"]
    assert gaps() == {"closed": "unreadable"}


def test_odd_names_are_found(tree: Path) -> None:
    names = ["a\nb.pkl", "\x1b[31m.pkl", "-o.pkl", "--config=x.pkl", "\u202e.pkl"]
    for name in names:
        write(tree / name)
    write(tree / os.fsdecode(b"\xff\xfe.pkl"))
    assert sorted(found()) == sorted([*names, "\udcff\udcfe.pkl"])


def test_what_is_to_be_skipped_is_skipped_unless_named(tree: Path) -> None:
    write(tree / "keep" / "a.pkl")
    write(tree / "drop" / "b.pkl")

    def skip(path: str) -> bool:
        return path.startswith("drop")

    assert [target.path for target in walk(["."], skip)] == ["keep/a.pkl"]
    assert [target.path for target in walk([".", "drop/b.pkl"], skip)] == [
        "drop/b.pkl",
        "keep/a.pkl",
    ]


def test_a_deep_tree_takes_no_recursion(tree: Path) -> None:
    path = tree
    for _ in range(300):
        path = path / "d"
    path.mkdir(parents=True)
    write(path / "a.pkl")
    assert len(found()) == 1
