"""What passes a guard and what does not, by its policy, and what the run says of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.wandb.conftest import Played, play
from tests.integrations.wandb.scenes.policies import SECRET
from tests.integrations.wandb.scenes.stage import mark
from tests.kit.wandb_server import serving


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    with serving() as server:
        return play(server, tmp_path_factory.mktemp("policies"), "policies")


def summary(played: Played, name: str) -> dict[str, Any]:
    return played.server.summary(played.said[f"run of {name}"])


def test_a_warning_lets_pass_and_tells(played: Played) -> None:
    assert played.said["warned"][0] == ""
    assert played.uploaded("warned")
    assert summary(played, "warned")["sentinel/verdict"] == "malicious"
    assert summary(played, "warned")["sentinel/findings"] == 1


def test_quarantine_keeps_a_copy_and_refuses(played: Played) -> None:
    assert played.said["kept"][0] == "SentinelBlocked"
    assert not played.uploaded("kept")
    kept = [path.read_bytes() for path in (played.folder / "quarantine").iterdir()]
    assert any(mark("kept").encode() in data for data in kept)


def test_a_clean_run_says_so_and_logs_no_table(played: Played) -> None:
    said = summary(played, "clean")
    assert said["sentinel/verdict"] == "clean"
    assert said["sentinel/findings"] == 0
    assert said["sentinel/checked"] == 1
    assert "sentinel/table" not in said
    assert "sentinel/report" not in said


def test_a_reference_to_elsewhere_passes_and_is_told(played: Played) -> None:
    assert played.said["elsewhere"][0] == ""
    said = summary(played, "elsewhere")
    assert said["sentinel/verdict"] == "incomplete"
    assert said["sentinel/findings"] == 1


def test_a_report_is_logged_with_the_findings(played: Played) -> None:
    said = summary(played, "kept")
    assert said["sentinel/verdict"] == "blocked"
    assert said["sentinel/table"]["_type"] == "table-file"
    run = played.said["run of kept"]
    page = played.server.files[f"/storage/run/{run}/{said['sentinel/report']['path']}"]
    assert b"<html" in page
    assert b"kept.pkl" in page
    assert b"SNT1101" in page


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("too-large", "coverage.limit"),
        ("too-slow", "coverage.limit"),
        ("crash", "coverage.internal"),
    ],
)
def test_what_cannot_be_examined_is_refused(played: Played, name: str, rule: str) -> None:
    kind, found, artifact, _ = played.said[name]
    assert (kind, found) == ("SentinelBlocked", rule)
    assert artifact.startswith(f"{name}.pkl")
    assert not played.uploaded(name)
    assert summary(played, name)["sentinel/verdict"] == "blocked"


def test_it_passes_where_the_guard_is_told_to_fail_open(played: Played) -> None:
    assert played.said["crash-open"][0] == ""
    assert played.uploaded("crash-open")
    assert summary(played, "crash-open")["sentinel/verdict"] == "incomplete"


def test_datasets_are_validated(played: Played) -> None:
    assert played.said["clean data"][0] == ""
    for name in ("secret data", "pickled data", "program"):
        assert played.said[name][0] == "SentinelBlocked", name
        assert played.said[name][1].startswith("SNT"), name
    assert played.said["secret model"][0] == ""
    assert not played.uploaded("elf")


def test_findings_of_datasets_may_be_told_alone(played: Played) -> None:
    assert played.said["warned data"][0] == ""
    assert summary(played, "warned data")["sentinel/verdict"] == "suspicious"


def test_credentials_are_looked_for_where_that_is_wanted(played: Played) -> None:
    assert played.said["personal"][0] == "SentinelBlocked"
    run = played.said["run of personal"]
    assert f"/storage/run/{run}/mine/log.txt" not in played.server.files
    assert f"/storage/run/{played.said['run of any text']}/mine/log.txt" in played.server.files


def test_no_value_that_was_found_is_told(played: Played) -> None:
    assert SECRET not in str(played.said)
    assert SECRET not in played.errors
    for path, data in played.server.files.items():
        assert SECRET.encode() not in data or path.endswith(("secret.csv", "log.txt")), path


@pytest.mark.parametrize("name", ["on_block", "pii", "datasets"])
def test_a_choice_that_there_is_not_is_refused(played: Played, name: str) -> None:
    kind, _, _, text = played.said[f"bad {name}"]
    assert kind == "UsageError"
    assert "perhaps" in text


def test_files_of_tensorboard_are_not_uploaded(played: Played) -> None:
    assert not played.uploaded("board")
