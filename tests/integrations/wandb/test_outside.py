"""Nothing is written outside the folder of a download, and only copies are removed."""

from __future__ import annotations

import pytest

from tests.integrations.wandb.conftest import Played, play
from tests.kit.wandb_server import serving


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    with serving() as server:
        return play(server, tmp_path_factory.mktemp("outside"), "outside")


def test_without_a_guard_a_name_leads_out_or_wandb_refuses_it(played: Played) -> None:
    refused = played.said["bare"][0] == "ValueError"  # newer releases look at names themselves
    assert played.said["unguarded"] is not refused


def test_a_name_that_leads_out_is_refused_before_anything_is_written(played: Played) -> None:
    names = [name for name in played.said if name.endswith("above.pkl")]
    assert len(names) == 3
    for name in names:
        assert played.said[name][:2] == ["SentinelBlocked", "integrity"]
    assert played.said["above"] is False


def test_a_name_with_dots_in_it_is_a_name(played: Played) -> None:
    assert played.said["plain"][0] == ""
    assert played.said["plain there"] is True


def test_what_a_reference_leads_to_is_not_removed(played: Played) -> None:
    assert played.said["own"][0] == "SentinelBlocked"
    assert played.said["own there"] is True


def test_a_copy_is_removed_whatever_its_reference_ends_with(played: Played) -> None:
    assert played.said["far"][0] == "SentinelBlocked"
    assert played.said["far there"] is False


def test_a_file_that_cannot_be_moved_leaves_no_other_to_be_synced(played: Played) -> None:
    assert played.said["left"] is True
    assert played.said["moved"] == 1


def test_a_link_is_copied_and_only_a_file_of_one_name_is_moved(played: Played) -> None:
    assert played.said["link"] == [True, True]
    assert played.said["hard"] == [True, True]
    assert played.said["sole"] == [True, False]
