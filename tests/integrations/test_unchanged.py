"""Noticing changes of what was scanned, by what the file system knows of files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sentinel.integrations.unchanged import Watch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with a directory and a link to another in it."""
    top, other = tmp_path / "top", tmp_path / "other"
    (top / "below").mkdir(parents=True)
    other.mkdir()
    for path in (top / "a", top / "below" / "b", other / "c"):
        path.write_bytes(b"one")
    (top / "link").symlink_to(other)
    return top


def same_size(folder: Path) -> None:
    (folder / "a").write_bytes(b"two")


def times_put_back(folder: Path) -> None:
    found = (folder / "a").stat()
    (folder / "a").write_bytes(b"two")
    os.utime(folder / "a", ns=(found.st_atime_ns, found.st_mtime_ns))


def gone(folder: Path) -> None:
    (folder / "below" / "b").unlink()


def another(folder: Path) -> None:
    (folder / "below" / "d").write_bytes(b"")


def come_and_gone(folder: Path) -> None:
    (folder / "below" / "d").write_bytes(b"")
    (folder / "below" / "d").unlink()


def behind_a_link(folder: Path) -> None:
    (folder / "link" / "c").write_bytes(b"two")


def the_link(folder: Path) -> None:
    (folder / "link").unlink()
    (folder / "link").symlink_to(folder / "below")


def a_pipe(folder: Path) -> None:
    (folder / "a").unlink()
    os.mkfifo(folder / "a")


def a_directory_put_back(folder: Path) -> None:
    (folder / "below").rename(folder / "aside")
    (folder / "aside").rename(folder / "below")


CHANGES = {
    same_size: "a", times_put_back: "a", gone: "below/b", another: "below/d",
    come_and_gone: "below", behind_a_link: "link/c", the_link: "link/c", a_pipe: "a",
    a_directory_put_back: "below",
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_right_after_is_noticed(folder: Path, change: Callable[[Path], None]) -> None:
    watch = Watch(str(folder))
    assert watch.changed() == []
    change(folder)
    assert str(folder / CHANGES[change]) in watch.changed()


def test_reading_is_no_change(folder: Path) -> None:
    watch = Watch(str(folder))
    for path in folder.rglob("*"):
        if path.is_file():
            path.read_bytes()
    assert watch.changed() == []


def test_what_we_write_is_accepted_and_nothing_else(folder: Path) -> None:
    watch = Watch(str(folder))
    (folder / "ours").mkdir()
    (folder / "ours" / "report").write_text("ours")
    assert watch.changed()
    watch.accept(str(folder / "ours" / "report"))
    assert watch.changed() == []
    (folder / "ours" / "report").write_text("not ours")
    assert watch.changed() == [str(folder / "ours" / "report")]


def test_what_we_could_not_write_is_no_change(folder: Path) -> None:
    watch = Watch(str(folder))
    (folder / "ours").mkdir()
    watch.accept(str(folder / "ours" / "report"))
    assert watch.changed() == []


def test_a_link_that_leads_elsewhere(folder: Path) -> None:
    link = folder.parent / "way"
    link.symlink_to(folder / "a")
    watch = Watch(str(link))
    assert watch.changed() == []
    link.unlink()
    link.symlink_to(folder / "a")  # what it leads to is what it was
    assert watch.changed() == [str(link)]


def test_a_clock_that_is_ahead_leaves_the_digest(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file from the future may change without its times telling."""
    from sentinel.integrations import unchanged

    state = unchanged.state_of
    ahead = 1 << 62

    def stuck(path: str, *, follow: bool = True) -> tuple[int, ...]:
        return (*state(path, follow=follow)[:3], ahead, ahead)

    monkeypatch.setattr(unchanged, "state_of", stuck)
    watch = Watch(str(folder))
    assert watch.changed() == []
    (folder / "a").write_bytes(b"two")
    assert watch.changed() == [str(folder / "a")]


def test_files_in_directories_are_named(folder: Path) -> None:
    watch = Watch(str(folder))
    assert watch.files([str(folder / "below")]) == {str(folder / "below" / "b")}
    assert watch.files() == {str(folder / name) for name in ("a", "below/b", "link/c")}
