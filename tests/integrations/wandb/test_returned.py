"""Every download is hashed again and scanned, and what may not pass does not stay."""

from __future__ import annotations

import json
import pickle

import pytest

from tests.integrations.wandb.conftest import Played, play
from tests.integrations.wandb.scenes.stage import hostile, mark
from tests.kit.wandb_server import WandbServer, serving
from tests.kit.wandb_store import Stored


def stored(server: WandbServer, name: str) -> Stored:
    return next(one for one in server.committed() if one.name == name)


def path_of(server: WandbServer, name: str, file: str = "") -> str:
    return f"/storage/artifact/{stored(server, name).id}/{file or name + '.pkl'}"


def rewrite(server: WandbServer, name: str, about: object) -> None:
    """Let the server give other digests than it was sent."""
    one = stored(server, name)
    one.metadata = json.dumps({**json.loads(one.metadata or "{}"), "sentinel": about})


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("returned")
    with serving() as server:
        first = play(server, folder / "first", "returned", "prepare")
        runs = {path.split("/")[3] for path in server.files if path.endswith("/hostile-run.pkl")}
        second = folder / "second"
        second.mkdir()
        about = {**first.said, "hostile run": runs.pop()}
        (second / "prepared.json").write_text(json.dumps(about))
        server.tampered[path_of(server, "tampered")] = hostile("evil")
        server.tampered[path_of(server, "xxh-tampered")] = pickle.dumps("harmless")
        server.tampered[path_of(server, "several", "two.pkl")] = pickle.dumps("other, but harmless")
        rewrite(server, "metadata", {"v": 1, "sha256": {"metadata.pkl": "0" * 64}})
        rewrite(server, "unlisted", {"v": 1, "sha256": {"other.pkl": "0" * 64}})
        rewrite(server, "garbled", ["what", "is", "this"])
        return play(server, second, "returned", "fetch")


def got(played: Played, name: str) -> list[str]:
    folder = played.folder / "got" / name
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", ["honest", "unguarded", "xxh"])
def test_honest_content_passes(played: Played, name: str) -> None:
    assert played.said[name][0] == ""
    assert mark(name).encode() in (played.folder / "got" / name / f"{name}.pkl").read_bytes()


def test_hostile_content_that_is_what_was_logged_is_refused(played: Played) -> None:
    kind, rule, artifact, _ = played.said["hostile"]
    assert kind == "SentinelBlocked"
    assert artifact.startswith("hostile.pkl")
    assert rule == "SNT1101"
    assert got(played, "hostile") == []


@pytest.mark.parametrize("name", ["tampered", "skip cache"])
def test_other_bytes_from_the_server_are_refused(played: Played, name: str) -> None:
    kind, rule, artifact, text = played.said[name]
    assert (kind, rule, artifact) == ("SentinelBlocked", "integrity", "tampered.pkl")
    assert "digest in the manifest" in text
    assert got(played, "tampered") == got(played, "skip") == []


def test_the_other_digest_of_wandb_is_checked_too(played: Played) -> None:
    assert played.said["xxh-tampered"][:3] == ["SentinelBlocked", "integrity", "xxh-tampered.pkl"]
    assert got(played, "xxh-tampered") == []


def test_harmless_other_bytes_are_refused_too_and_the_others_stay(played: Played) -> None:
    assert played.said["several"][:3] == ["SentinelBlocked", "integrity", "two.pkl"]
    assert got(played, "several") == ["one.pkl", "three.pkl"]


@pytest.mark.parametrize("name", ["metadata", "unlisted", "garbled"])
def test_the_sha256_in_the_metadata_is_checked(played: Played, name: str) -> None:
    kind, rule, _, text = played.said[name]
    assert (kind, rule) == ("SentinelBlocked", "integrity")
    assert "metadata" in text
    assert got(played, name) == []


def test_a_file_that_was_changed_here_is_refused_though_its_time_is_old(played: Played) -> None:
    assert played.said["local"][:3] == ["SentinelBlocked", "integrity", "local.pkl"]


def test_the_next_download_brings_the_honest_one(played: Played) -> None:
    assert played.said["local again"][0] == ""
    assert mark("local").encode() in (played.folder / "got/local/local.pkl").read_bytes()


@pytest.mark.parametrize(
    "name", ["entry", "use_model", "file", "checkout", "reference", "restore", "without a run"]
)
def test_other_ways_to_fetch_are_guarded(played: Played, name: str) -> None:
    assert played.said[name][:2] == ["SentinelBlocked", "SNT1101"]


@pytest.mark.parametrize(
    ("name", "rule"), [("hostile", "SNT1101"), ("tampered", "integrity"), ("metadata", "integrity")]
)
def test_files_of_an_artifact_that_are_fetched_one_by_one_are_compared_too(
    played: Played, name: str, rule: str
) -> None:
    assert played.said[f"files {name}"][:2] == ["SentinelBlocked", rule]
    assert got(played, f"files-{name}") == []
    assert played.said["files honest"][0] == "", played.server.unknown
    assert got(played, "files-honest") == ["honest.pkl"]


def test_what_a_reference_leads_to_is_left_alone(played: Played) -> None:
    assert (played.folder.parent / "first" / "mine" / "referenced.pkl").exists()
    assert got(played, "reference") == []


def test_files_of_runs_are_scanned(played: Played) -> None:
    assert played.said["run file"][:2] == ["SentinelBlocked", "SNT1101"]
    assert played.said["honest run file"][0] == ""
    assert got(played, "run") == ["honest-run.pkl"]


def test_a_file_that_was_there_before_is_refused_and_stays(played: Played) -> None:
    assert played.said["already there"][0] == "SentinelBlocked"
    assert played.said["still there"]


def test_nothing_hostile_stays_but_in_quarantine(played: Played) -> None:
    kept = played.folder / "quarantine"
    found = [path for path in played.folder.rglob("*") if path.is_file()]
    for name in ("hostile", "evil", "local-evil", "hostile-run"):
        holding = [path for path in found if mark(name).encode() in path.read_bytes()]
        holding = [path for path in holding if not path.name.startswith("report_")]
        assert holding
        assert all(kept in path.parents for path in holding)
