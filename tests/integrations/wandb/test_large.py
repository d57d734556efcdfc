"""Large files are read once when they are added, and are held to what was read."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from tests.integrations.wandb.conftest import Played, play
from tests.kit.wandb_server import serving


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Played:
    with serving() as server:
        return play(server, tmp_path_factory.mktemp("guarded"), "large", "guarded")


@pytest.fixture(scope="module")
def unguarded(tmp_path_factory: pytest.TempPathFactory) -> Played:
    with serving() as server:
        return play(server, tmp_path_factory.mktemp("unguarded"), "large", "unguarded")


@pytest.mark.parametrize("name", ["honest", "folder"])
def test_an_honest_file_is_uploaded_with_its_digests(guarded: Played, name: str) -> None:
    assert guarded.said[name][0] == ""
    data = (guarded.folder / "mine" / name / f"{name}.pkl").read_bytes()
    one = next(one for one in guarded.server.committed() if one.name == name)
    assert guarded.server.files[f"/storage/artifact/{one.id}/{name}.pkl"] == data
    listed = json.loads(one.metadata or "{}")["sentinel"]["sha256"]
    assert listed == {f"{name}.pkl": hashlib.sha256(data).hexdigest()}
    digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
    assert one.manifest["contents"][f"{name}.pkl"]["digest"] == digest


def test_the_artifact_is_as_it_is_without_the_guard(guarded: Played, unguarded: Played) -> None:
    for name in ("name", "entry", "nothing"):
        assert guarded.said[name] == unguarded.said[name]
    assert guarded.said["conflict"][0] == unguarded.said["conflict"][0] == "ValueError"
    assert guarded.said["left"] == 0


@pytest.mark.parametrize("name", ["evil-file", "evil-dir"])
def test_a_hostile_file_is_refused(guarded: Played, unguarded: Played, name: str) -> None:
    assert unguarded.uploaded(name)
    assert guarded.said[name][0] == "SentinelBlocked"
    assert guarded.said[name][1].startswith("SNT")
    assert not guarded.uploaded(name)


def test_a_copy_that_was_written_to_is_refused(guarded: Played, unguarded: Played) -> None:
    assert unguarded.uploaded("touched")
    assert guarded.said["touched"][:2] == ["SentinelBlocked", "coverage.changed"]
    assert not guarded.uploaded("touched")
