"""What an offline run keeps for ``wandb sync`` is what was scanned, and nothing hostile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integrations.wandb.conftest import Played, play, surroundings
from tests.integrations.wandb.scenes.offline import ONLINE_ONLY
from tests.integrations.wandb.scenes.ways import WAYS
from tests.kit.wandb_server import serving

KEPT = [name for name in WAYS if name not in ONLINE_ONLY and name != "reference"]


def record_and_sync(folder: Path, how: str) -> Played:
    with serving() as server:
        played = play(server, folder, "offline", how)
        assert server.files == {}
        subprocess.run(
            [sys.executable, "-m", "wandb", "sync", played.said["folder"]],
            cwd=folder, env=surroundings(server, folder), check=True, capture_output=True,
            timeout=120,
        )  # fmt: skip
        return played


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return record_and_sync(tmp_path_factory.mktemp("guarded"), "guarded")


@pytest.fixture(scope="module")
def unguarded(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return record_and_sync(tmp_path_factory.mktemp("unguarded"), "unguarded")


def test_hostile_files_are_synced_without_the_guard(unguarded: Played) -> None:
    synced = {name for name in KEPT if unguarded.uploaded(name)}
    assert {"log_path", "add_file", "immutable", "save_now", "audio"} <= synced


@pytest.mark.parametrize("name", KEPT)
def test_no_hostile_file_is_synced(guarded: Played, name: str) -> None:
    assert guarded.said[name][0] == "SentinelBlocked"
    assert not guarded.uploaded(name)


def test_what_was_scanned_is_synced_and_not_what_became_of_it(guarded: Played) -> None:
    assert guarded.uploaded("honest")
    assert guarded.uploaded("saved")
    assert not guarded.uploaded("later")
