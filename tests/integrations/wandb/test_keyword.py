"""``wandb.init(sentinel_guard=...)``: when it holds, and that nothing of it stays."""

from __future__ import annotations

import pytest

from tests.integrations.wandb.conftest import Played, play
from tests.kit.wandb_server import serving

HOOKS = 15


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    with serving() as server:
        return play(server, tmp_path_factory.mktemp("keyword"), "keyword")


def test_the_keyword_is_unknown_before_the_import_and_after_uninstalling(played: Played) -> None:
    assert played.said["before the import"][0] == "TypeError"
    assert played.said["after the end"][0] == "TypeError"


def test_a_name_that_was_bound_before_the_import_refuses_it(played: Played) -> None:
    assert played.said["early bound"][0] == "TypeError"


def test_the_signature_shows_it_and_nothing_else_changes(played: Played) -> None:
    assert played.said["signature"] == ["sentinel_guard"]
    assert played.said["default"]
    assert played.said["names"]


def test_other_values_are_refused(played: Played) -> None:
    kind, _, _, text = played.said["wrong value"]
    assert kind == "TypeError"
    assert "str" in text


def test_without_the_keyword_nothing_is_replaced_or_refused(played: Played) -> None:
    assert played.said["hooks at rest"] == 0
    assert played.said["hooks without the keyword"] == 0
    assert played.said["unguarded"] == ["", "", "", ""]
    assert played.uploaded("unguarded")


def test_a_guarded_run_refuses_and_so_do_all_runs_beside_it(played: Played) -> None:
    assert played.said["hooks while open"] == HOOKS
    for name in ("guarded", "another run"):
        assert played.said[name][0] == "SentinelBlocked"
    assert not played.uploaded("guarded")
    assert not played.uploaded("another")
    assert played.said["hooks after the run"] == 0


def test_a_guard_may_hold_for_its_own_run_alone(played: Played) -> None:
    assert played.said["own run"][0] == "SentinelBlocked"
    assert played.said["not its run"][0] == ""
    assert not played.uploaded("own")
    assert played.uploaded("other")
    assert played.said["hooks after both"] == 0


def test_the_environment_guards_runs_that_do_not_ask(played: Played) -> None:
    assert played.said["by the environment"][0] == "SentinelBlocked"
    assert not played.uploaded("environment")
    assert played.said["not by the environment"][0] == ""


def test_runs_that_upload_nothing_or_do_not_start_leave_no_hooks(played: Played) -> None:
    assert played.said["hooks of a disabled run"] == 0
    assert played.said["init fails"][0] not in ("", "TypeError")
    assert played.said["hooks after a failure"] == 0


def test_guards_may_be_nested_and_closed_in_any_order_by_eight_threads(played: Played) -> None:
    assert played.said["threads"] == []
    assert played.said["hooks after threads"] == 0


def test_no_attribute_of_wandb_differs_in_the_end(played: Played) -> None:
    only = ["wandb.init", "wandb.sdk.init", "wandb.sdk.wandb_init.init"]
    assert played.said["differs with guards closed"] == only
    assert played.said["differs at the end"] == []
    assert played.said["init is what it was"]
    assert played.said["init once more"]


def test_what_others_put_on_top_stays_and_works(played: Played) -> None:
    assert played.said["foreign stays"]
    assert played.said["foreign works"]
