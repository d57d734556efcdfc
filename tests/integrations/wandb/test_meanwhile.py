"""What another thread adds to an artifact between its check and its upload does not leave."""

from __future__ import annotations

from pathlib import Path

from tests.integrations.wandb.conftest import play
from tests.kit.wandb_server import serving


def test_a_file_that_is_added_after_the_check_is_refused(tmp_path: Path) -> None:
    with serving() as server:
        played = play(server, tmp_path, "meanwhile", "guarded")
    assert played.said["parts"][:3] == ["SentinelBlocked", "coverage.changed", "late.pkl"]
    assert not played.uploaded("late")
    assert played.said["other"][0] == ""
    assert played.uploaded("other")


def test_it_leaves_without_the_guard(tmp_path: Path) -> None:
    with serving() as server:
        played = play(server, tmp_path, "meanwhile", "unguarded")
    assert played.uploaded("late")
