"""What is uploaded is what was scanned, whatever becomes of the file meanwhile."""

from __future__ import annotations

import pytest

from tests.integrations.wandb.conftest import Played, play
from tests.kit.wandb_server import serving


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    with serving() as server:
        return play(server, tmp_path_factory.mktemp("changed"), "changed")


@pytest.mark.parametrize("name", ["now", "live", "end", "immutable"])
def test_the_scanned_bytes_are_uploaded(played: Played, name: str) -> None:
    assert played.said[name][0] == ""
    assert played.uploaded(f"honest-{name}")
    assert not played.uploaded(f"later-{name}")


def test_a_file_that_is_not_what_was_added_is_refused(played: Played) -> None:
    kind, rule, artifact, text = played.said["between"]
    assert (kind, rule, artifact) == ("SentinelBlocked", "coverage.changed", "between.pkl")
    assert "log it again" in text


def test_a_file_that_is_gone_is_refused(played: Played) -> None:
    kind, rule, artifact, _ = played.said["gone"]
    assert (kind, rule, artifact) == ("SentinelBlocked", "coverage.unreadable", "gone.pkl")


def test_a_file_that_is_saved_again_is_uploaded_again(played: Played) -> None:
    assert played.uploaded("second-save")


def test_a_file_in_the_folder_of_the_run_can_be_written_and_saved_again(played: Played) -> None:
    assert played.said["first-inside"][0] == ""
    assert played.said["second-inside"][0] == ""
    assert played.uploaded("second-inside")
    assert played.said["reached"]
