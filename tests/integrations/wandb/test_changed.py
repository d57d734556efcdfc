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


def test_an_artifact_that_is_sent_in_parts_keeps_its_digests(played: Played) -> None:
    assert played.said["upsert"][0] == ""
    assert played.said["finish"][0] == ""
    sent = [one for one in played.server.artifacts.values() if one.name == "several"]
    assert len(sent) == 2
    assert all("part.pkl" in (one.metadata or "") for one in sent)
    assert played.uploaded("part")


def test_the_good_files_of_a_refused_artifact_are_still_there(played: Played) -> None:
    assert played.said["with bad"][0] == "SentinelBlocked"
    assert played.said["without bad"][0] == ""
    assert played.uploaded("good")
    assert not played.uploaded("bad")


def test_nothing_of_a_folder_that_is_saved_leaves_and_what_is_beside_it_does(
    played: Played,
) -> None:
    assert played.said["folder"][0] == ""
    assert played.uploaded("beside")
    assert not played.uploaded("inside-folder")


def test_a_file_that_is_saved_again_is_uploaded_again(played: Played) -> None:
    assert played.uploaded("second-save")


def test_a_file_in_the_folder_of_the_run_can_be_written_and_saved_again(played: Played) -> None:
    assert played.said["first-inside"][0] == ""
    assert played.said["second-inside"][0] == ""
    assert played.uploaded("second-inside")
    assert played.said["reached"]
