"""Scripts that end without finishing their run, or in the middle of it."""

from __future__ import annotations

from pathlib import Path

from tests.integrations.wandb.conftest import play
from tests.kit.wandb_server import serving


def test_a_run_that_ends_with_the_script_says_what_the_guard_saw(tmp_path: Path) -> None:
    with serving() as server:
        played = play(server, tmp_path, "unfinished", "well")
    assert played.code == 0
    assert played.uploaded("harmless")
    assert server.summary(played.said["run"])["sentinel/verdict"] == "clean"


def test_a_refusal_nobody_catches_ends_the_script_and_is_in_the_summary(tmp_path: Path) -> None:
    with serving() as server:
        played = play(server, tmp_path, "unfinished", "refused")
    assert played.code == 1
    assert "SentinelBlocked" in played.errors
    assert not played.uploaded("refused")
    assert played.uploaded("harmless")
    assert server.summary(played.said["run"])["sentinel/verdict"] == "blocked"
