"""Distributed checkpoints: the metadata pickle, and shards of archives one behind another."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import torch
import torch.distributed.checkpoint as dcp

from sentinel.artifacts import Artifact
from sentinel.findings import Severity, Verdict
from sentinel.formats.torch_shard import TorchShard, looks_like_shard, parse
from sentinel.readers import MemoryReader
from tests.formats.torch_kit import PAYLOAD, ids, parsed, rewritten, saved, scan


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dcp")
    state = {"model": {"a": torch.ones(5), "b": torch.zeros(40, 3)}, "step": 3, "name": "x"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dcp.save(state, checkpoint_id=path)
    return path


@pytest.fixture(scope="module")
def shard(checkpoint: Path) -> bytes:
    (path,) = checkpoint.glob("*.distcp")
    return path.read_bytes()


def test_a_shard_is_cut_into_its_archives(shard: bytes) -> None:
    model = parsed(parse, shard, "__0_0.distcp").model
    assert isinstance(model, TorchShard)
    assert len(model.pieces) == 4
    assert model.pieces[0][0] == 0
    assert model.pieces[-1][1] == len(shard)


def test_real_shards_and_metadata_are_clean(checkpoint: Path) -> None:
    for path in checkpoint.iterdir():
        report = scan(path.read_bytes(), path.name)
        assert report.verdict is Verdict.CLEAN
        assert not ids(report)


def test_a_payload_in_any_archive_of_a_shard(shard: bytes) -> None:
    evil = rewritten(saved({"a": torch.ones(2)}), {"data.pkl": PAYLOAD})
    for data in (evil + shard, shard + evil, shard + evil + shard):
        report = scan(data, "__0_0.distcp")
        assert report.formats == ("torch-shard",)
        assert "SNT1101" in ids(report)


def test_metadata_is_a_pickle(checkpoint: Path) -> None:
    data = (checkpoint / ".metadata").read_bytes()
    assert "SNT1101" in ids(scan(PAYLOAD[:-1] + b"0" + data, ".metadata"))


@pytest.mark.parametrize("name", ["model.pt", "shard.distcp.pt"])
def test_elsewhere_one_archive_behind_another_is_a_finding(shard: bytes, name: str) -> None:
    report = scan(shard, name)
    assert "torch-shard" not in report.formats
    assert ids(report, Severity.HIGH)


@pytest.mark.parametrize("change", ["prefix", "between", "suffix", "comment"])
def test_anything_between_the_archives_makes_it_none(shard: bytes, change: str) -> None:
    data = {
        "prefix": b"x" + shard,
        "between": shard + b"x" * 9 + shard,
        "suffix": shard + b"x",
        "comment": shard[:-2] + b"\1\0x",
    }[change]
    artifact = Artifact("__0_0.distcp", MemoryReader(data))
    assert not looks_like_shard(artifact, data[:4096])
    assert scan(data, "__0_0.distcp").verdict is not Verdict.CLEAN


def test_proven_storages_are_claimed_in_each_archive() -> None:
    state = saved({"w": torch.zeros(1)})
    hidden = rewritten(state, {"data/0": PAYLOAD})
    assert scan(state + state, "a.distcp").verdict is Verdict.CLEAN
    assert "SNT1150" in ids(scan(state + hidden, "a.distcp"), Severity.LOW)
