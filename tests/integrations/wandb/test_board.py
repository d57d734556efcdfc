"""TensorBoard's own writers: metrics and pictures are synced, event files are not."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from sentinel.errors import SentinelError
from sentinel.integrations.wandb.events import contents, record_at
from tests.integrations.wandb.conftest import Played, play
from tests.integrations.wandb.scenes.stage import mark, picture
from tests.kit.wandb_server import serving

pytest.importorskip("tensorboard")


def played(folder: Path, how: str) -> Played:
    with serving() as server:
        return play(server, folder, "board", how)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return played(tmp_path_factory.mktemp("guarded"), "guarded")


@pytest.fixture(scope="module")
def unguarded(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return played(tmp_path_factory.mktemp("unguarded"), "unguarded")


def files(one: Played, run: str, word: str) -> list[bytes]:
    start = f"/storage/run/{one.said[run]}/"
    found = one.server.files.items()
    return [data for path, data in found if path.startswith(start) and word in path]


def metrics(one: Played, run: str) -> set[str]:
    said = one.server.summary(one.said[run])
    return {name for name in said if not name.startswith(("sentinel/", "_"))}


RUNS = pytest.mark.parametrize("run", ["synced", "patched"])


@RUNS
def test_event_files_leave_without_the_guard(unguarded: Played, run: str) -> None:
    assert any(mark(run).encode() in data for data in files(unguarded, run, "tfevents"))
    hidden = mark(f"{run}-image").encode()
    assert any(hidden in data for data in files(unguarded, run, "media/images/"))


@RUNS
def test_neither_they_nor_what_hides_in_a_picture_leave_with_it(guarded: Played, run: str) -> None:
    assert guarded.said["written"] >= 2
    assert files(guarded, run, "tfevents") == []
    assert guarded.uploaded(run) == guarded.uploaded(f"{run}-image") == []
    assert guarded.server.summary(guarded.said[run])["sentinel/verdict"] == "blocked"


@RUNS
def test_harmless_pictures_and_metrics_are_synced_with_it(
    guarded: Played, unguarded: Played, run: str
) -> None:
    assert files(guarded, run, "media/images/") == [picture()] * 3
    assert any("loss" in name for name in metrics(guarded, run))
    hidden = {name for name in metrics(unguarded, run) if name.endswith("evil")}
    assert metrics(guarded, run) == metrics(unguarded, run) - hidden


def test_event_files_are_uploaded_where_that_is_wanted(tmp_path: Path) -> None:
    allowed = played(tmp_path, "allowed")
    assert files(allowed, "synced", "tfevents")


@pytest.mark.parametrize(
    "data", [b"\xff" * 40, b"\x2a\x05\x0a\x03\x22\x01", b"\x2a\x04\x0a\x02\x22\x7f"]
)
def test_what_is_no_event_is_refused(data: bytes) -> None:
    with pytest.raises(SentinelError):
        list(contents(data))


def test_records_are_bounded_and_read_when_they_are_whole() -> None:
    whole = struct.pack("<QI", 3, 0) + b"abc" + bytes(4)
    assert record_at(whole, 0) == (12, 15)
    assert record_at(whole[:-1], 0) is None
    assert record_at(b"", 0) is None
    with pytest.raises(SentinelError):
        record_at(struct.pack("<QI", 2**63, 0), 0)
