"""Runs that a framework opens are guarded by an environment variable."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.integrations.wandb.conftest import play
from tests.kit.wandb_server import serving

ON = {"SENTINEL_WANDB_GUARD": "1"}


def test_the_function_of_a_sweep_is_guarded(tmp_path: Path) -> None:
    with serving() as server:
        played = play(server, tmp_path, "sweep", **ON)
    assert played.said["run"] == "swept"
    assert played.said["hostile"][0] == "SentinelBlocked"
    assert not played.uploaded("swept")
    assert played.said["harmless"][0] == ""
    assert played.uploaded("harmless")


@pytest.mark.skipif(find_spec("transformers") is None, reason="needs transformers and torch")
def test_the_trainer_of_transformers_is_guarded(tmp_path: Path) -> None:
    with serving() as server:
        played = play(
            server, tmp_path, "trainer", **ON, WANDB_LOG_MODEL="checkpoint", HF_HUB_OFFLINE="1"
        )
    assert played.said["training"][0] == ""
    assert played.said["hostile"][0] == "SentinelBlocked"
    assert not played.uploaded("trained")
    models = [one for one in server.committed() if one.kind == "model"]
    assert models
    assert all('"sentinel"' in (one.metadata or "") for one in models)
    verdict = server.summary(played.said["run"])["sentinel/verdict"]
    assert verdict == "blocked"
