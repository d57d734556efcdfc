"""No hostile file leaves by any of the ways out, and every one of them leaks without the guard."""

from __future__ import annotations

import pytest

from tests.integrations.wandb.conftest import Played, play
from tests.integrations.wandb.scenes.stage import mark
from tests.integrations.wandb.scenes.ways import ALONE, WAYS
from tests.kit.wandb_server import serving

BY_REFERENCE = "reference"
FORK = "in_fork"
MINE = "save_in_folder"
"""The user's own file, which stays where the user put it."""


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Played:
    with serving() as server:
        return play(server, tmp_path_factory.mktemp("guarded"), "ways", "guarded", "online")


@pytest.fixture(scope="module")
def unguarded(tmp_path_factory: pytest.TempPathFactory) -> Played:
    with serving() as server:
        return play(server, tmp_path_factory.mktemp("unguarded"), "ways", "unguarded", "online")


def leaked(played: Played, name: str) -> bool:
    if name == BY_REFERENCE:  # wandb uploads where it is, not what it is
        return any(one.name == name for one in played.server.committed())
    return bool(played.uploaded(name))


@pytest.mark.parametrize("name", [*WAYS, *ALONE])
def test_a_hostile_file_leaves_without_the_guard(unguarded: Played, name: str) -> None:
    assert unguarded.said["reached"]
    assert leaked(unguarded, name), unguarded.said.get(name)


@pytest.mark.parametrize("name", [*WAYS, *ALONE])
def test_no_hostile_file_leaves_with_the_guard(guarded: Played, name: str) -> None:
    assert not leaked(guarded, name)
    staged = guarded.staged(mark(name).encode())
    assert staged == [] or name == MINE
    if name == FORK:
        raised = (guarded.folder / f"{name}.raised").read_text()
        assert raised == "SentinelBlocked"
        return
    kind, rule, artifact, text = guarded.said[name]
    assert kind == "SentinelBlocked"
    assert rule.startswith("SNT")
    assert artifact
    assert rule in text
    assert "help:" in text


@pytest.mark.parametrize("name", list(WAYS))
def test_the_run_goes_on_after_each(guarded: Played, name: str) -> None:
    assert guarded.uploaded(f"after-{name}")


def test_the_run_ends_well(guarded: Played) -> None:
    assert guarded.said["reached"]
    assert guarded.code == 0


def test_files_of_the_user_are_as_they_were(guarded: Played) -> None:
    mine = guarded.folder / "mine"
    for name in ("add_file", "immutable", "save_now", "log_model"):
        assert mark(name).encode() in (mine / f"{name}.pkl").read_bytes()


def test_the_run_says_so(guarded: Played) -> None:
    summary = guarded.server.summary(guarded.said["run"])
    assert summary["sentinel/verdict"] == "blocked"
    assert summary["sentinel/findings"] >= len(WAYS)
    assert summary["sentinel/table"]["_type"] == "table-file"


def test_nothing_is_left_in_the_folder_for_uploads(guarded: Played) -> None:
    staging = guarded.folder / "data" / "artifacts" / "staging"
    assert list(staging.glob("sentinel-*")) == []
