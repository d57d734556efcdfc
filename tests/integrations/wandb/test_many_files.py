"""The digests of an artifact with many files are a file of it, which nobody can exchange unseen."""

from __future__ import annotations

import base64
import hashlib
import json
import pickle
import shutil
import subprocess
from typing import Any

import pytest

from sentinel.integrations.wandb import sums
from tests.integrations.wandb.conftest import Played, play
from tests.integrations.wandb.scenes.many import COUNT
from tests.integrations.wandb.scenes.stage import mark
from tests.kit.wandb_server import WandbServer, serving
from tests.kit.wandb_store import Stored

LIST = "sentinel.sha256"
EVIL = pickle.dumps("harmless, but another")


def stored(server: WandbServer, name: str) -> Stored:
    return next(one for one in server.committed() if one.name == name)


def about(server: WandbServer, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stored(server, name).metadata or "{}")["sentinel"]
    return found


def put(server: WandbServer, name: str, file: str, data: bytes, *, told: bool) -> None:
    """Let the server give other bytes, with a manifest that agrees or does not."""
    server.tampered[f"/storage/artifact/{stored(server, name).id}/{file}"] = data
    digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
    if told:
        server.edit(name, lambda files: files[file].update(digest=digest, size=len(data)))


def forged(server: WandbServer, name: str) -> bytes:
    """Return the list of an artifact with the digest of another file in it."""
    digests = sums.read(server.files[f"/storage/artifact/{stored(server, name).id}/{LIST}"])
    return sums.written({**digests, "two.pkl": hashlib.sha256(EVIL).hexdigest()})


def tamper(server: WandbServer) -> None:
    server.edit("missing", lambda files: files.pop(LIST))
    put(server, "swapped", LIST, forged(server, "swapped"), told=False)
    for name in ("forged", "single"):
        put(server, name, LIST, forged(server, name), told=True)
        put(server, name, "two.pkl", EVIL, told=True)
    put(server, "collision", "two.pkl", EVIL, told=True)
    server.edit("huge", lambda files: files[LIST].update(size=10**12))
    server.edit("unlisted", lambda files: files.update({"four.pkl": files["one.pkl"]}))
    source = f"/storage/artifact/{stored(server, 'unlisted').id}"
    server.files[f"{source}/four.pkl"] = server.files[f"{source}/one.pkl"]
    url = f"{server.url}/storage/artifact/{stored(server, 'reference').id}/two.pkl"
    put(server, "reference", "two.pkl", EVIL, told=True)
    server.edit("reference", lambda files: files["two.pkl"].update(ref=url, digest=url))
    one = stored(server, "garbled")
    named = {"v": 1, "files": 3, "list": ["what", "is", "this"]}
    one.metadata = json.dumps({"sentinel": named})


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("many")
    with serving() as server:
        yield play(server, folder / "first", "many", "prepare"), folder


@pytest.fixture(scope="module")
def played(prepared: Any) -> Played:
    first, folder = prepared
    tamper(first.server)
    return play(first.server, folder / "second", "many", "fetch")


def got(played: Played, name: str) -> list[str]:
    folder = played.folder / "got" / name
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_the_metadata_names_a_list_that_is_in_the_artifact(prepared: Any) -> None:
    server = prepared[0].server
    said = about(server, "many")
    data = server.files[f"/storage/artifact/{stored(server, 'many').id}/{LIST}"]
    assert said["list"] == {"path": LIST, "sha256": hashlib.sha256(data).hexdigest()}
    assert said["files"] == COUNT
    assert "sha256" not in said
    digests = sums.read(data)
    assert len(digests) == COUNT
    assert digests["7.txt"] == hashlib.sha256(b"7").hexdigest()
    assert LIST in stored(server, "many").manifest["contents"]


def test_honest_content_passes_and_sha256sum_agrees(played: Played) -> None:
    assert [played.said[name][0] for name in ("many", "many entry", "honest", "skip")] == [""] * 4
    assert len(got(played, "many")) == COUNT + 1
    assert got(played, "entry") == ["7.txt"]
    program = shutil.which("sha256sum")
    if program is not None:
        command = [program, "--check", "--strict", "--status", LIST]
        for name in ("many", "honest", "skip"):
            assert subprocess.run(command, cwd=played.folder / "got" / name).returncode == 0


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing", "missing from the artifact"),
        ("swapped", "is not the one that was logged"),
        ("forged", "is not the one that was logged"),
        ("huge", "larger than any is read"),
        ("garbled", "names no list"),
    ],
)
def test_nothing_comes_in_without_the_list_that_was_logged(
    played: Played, name: str, why: str
) -> None:
    assert played.said[name][:2] == ["SentinelBlocked", "integrity"]
    assert why in played.said[name][3]
    assert got(played, name) == []


@pytest.mark.parametrize("name", ["single", "other", "list itself"])
def test_single_files_are_refused_too(played: Played, name: str) -> None:
    assert played.said[name][:2] == ["SentinelBlocked", "integrity"]
    assert got(played, "single") == got(played, "list") == []


@pytest.mark.parametrize(
    ("name", "file", "why"),
    [
        ("collision", "two.pkl", "SHA-256 in the metadata"),
        ("reference", "two.pkl", "SHA-256 in the metadata"),
        ("unlisted", "four.pkl", "place in the metadata's list"),
    ],
)
def test_files_that_are_not_the_listed_ones_are_refused(
    played: Played, name: str, file: str, why: str
) -> None:
    kind, rule, artifact, text = played.said[name]
    assert (kind, rule, artifact) == ("SentinelBlocked", "integrity", file)
    assert why in text
    assert file not in got(played, name)
    assert "one.pkl" in got(played, name)


def test_a_file_of_the_user_keeps_its_name(played: Played) -> None:
    server = played.server
    path = f"/storage/artifact/{stored(server, 'own').id}/{LIST}"
    assert server.files[path] == b"of the user"
    named = about(server, "own")["list"]["path"]
    assert named != LIST
    assert played.said["own"][0] == ""
    assert (played.folder / "got/own" / LIST).read_text() == "of the user"
    assert (played.folder / "got/own" / named).exists()


def test_parts_of_an_artifact_are_logged_and_fetched(played: Played, prepared: Any) -> None:
    assert prepared[0].said["parts"][0] == ""
    assert played.said["parts"][0] == ""


@pytest.mark.parametrize("name", ["linked", "linked skip"])
def test_references_to_other_artifacts_are_fetched(played: Played, name: str) -> None:
    assert played.said[name][0] == "", played.said[name]
    folder = played.folder / "got" / name.replace(" ", "-")
    assert mark("honest-one").encode() in (folder / "linked.pkl").read_bytes()


@pytest.mark.parametrize(("name", "base"), [("draft", "honest"), ("second", "own")])
def test_a_draft_inherits_the_digests(played: Played, name: str, base: str) -> None:
    assert [played.said[f"log {name}"][0], played.said[name][0]] == ["", ""]
    latest = [one for one in played.server.committed() if one.name == base][-1]
    said = json.loads(latest.metadata or "{}")["sentinel"]
    folder = played.folder / "got" / name
    digests = sums.read((folder / said["list"]["path"]).read_bytes())
    assert "others" not in said
    assert f"{name}.pkl" in digests
    for path, digest in digests.items():
        assert hashlib.sha256((folder / path).read_bytes()).hexdigest() == digest
    lists = [path for path in latest.manifest["contents"] if path.endswith(".sha256")]
    assert len(lists) == (2 if base == "own" else 1)
    assert mark(name).encode() in (folder / f"{name}.pkl").read_bytes()
