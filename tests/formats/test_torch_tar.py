"""Tar-form checkpoints, built by hand as PyTorch's reader expects them."""

from __future__ import annotations

import io
import pickle
import struct
import tarfile
from pathlib import Path

import pytest
import torch

from sentinel.artifacts import Artifact
from sentinel.findings import Severity, Verdict
from sentinel.formats.pickle import PickleProgram
from sentinel.formats.torch_tar import TorchTar, looks_like_torch_tar, parse
from sentinel.readers import MemoryReader
from tests.formats.torch_kit import PAYLOAD, ids, parsed, scan

STORAGE = b"\x80\x02(K\x00X\x03\x00\x00\x00cpuctorch\nFloatStorage\nt."
TENSOR = b"\x80\x02(K\x01K\x00ctorch\nFloatTensor\nt."
OBJECT = b"\x80\x02}X\x01\x00\x00\x00wK\x01Qs."
ELEMENTS = struct.pack("<q6f", 6, *range(6))
SIZES = struct.pack("<ii2q2qq", 2, 0, 2, 3, 3, 1, 0)


def dumped(value: object) -> bytes:
    return pickle.dumps(value, 2)


def parts() -> dict[str, list[bytes]]:
    """Return the members as lists of what their loader reads in turn."""
    return {
        "sys_info": [dumped({"protocol_version": 1000})],
        "pickle": [OBJECT],
        "tensors": [dumped(1), TENSOR, SIZES],
        "storages": [dumped(1), STORAGE, ELEMENTS, dumped([])],
    }


def packed(members: dict[str, list[bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, pieces in members.items():
            content = b"".join(pieces)
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


CHECKPOINT = packed(parts())


def programs(data: bytes) -> dict[str, PickleProgram]:
    found = {}
    for member in parsed(parse, data).members:
        assert member.parsed is not None
        assert isinstance(member.parsed.model, PickleProgram)
        found[member.name] = member.parsed.model
    return found


def test_the_sample_is_what_torch_reads(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(CHECKPOINT)
    loaded = torch.load(path, weights_only=False)
    assert torch.equal(loaded["w"], torch.arange(6.0).reshape(2, 3))


def test_raw_data_between_the_pickles_is_stepped_over() -> None:
    found = programs(CHECKPOINT)
    assert {name: len(program.streams) for name, program in found.items()} == {
        "sys_info": 1, "pickle": 1, "tensors": 2, "storages": 3,
    }  # fmt: skip
    assert not any(program.junk or program.torn for program in found.values())
    assert len(found["storages"].tensors) == 1


def test_an_ordinary_one_is_clean_with_a_remark() -> None:
    report = scan(CHECKPOINT)
    assert report.verdict is Verdict.CLEAN
    assert "SNT1158" in ids(report, Severity.INFO)
    assert not ids(report, Severity.LOW)


def test_an_ordinary_tar_is_no_checkpoint() -> None:
    data = packed({"readme.txt": [b"text"], "model.pkl": [dumped([1])]})
    assert not looks_like_torch_tar(Artifact("x", MemoryReader(data)), data[:4096])
    assert "SNT1158" not in ids(scan(data, "x.tar"), Severity.INFO)
    model = parsed(parse, CHECKPOINT).model
    assert isinstance(model, TorchTar)
    assert set(model.parts) == set(parts())


@pytest.mark.parametrize(
    ("name", "index"),
    [(name, index) for name, pieces in parts().items() for index in range(len(pieces) + 1)],
)
def test_a_payload_at_any_place_in_any_member(name: str, index: int) -> None:
    members = parts()
    members[name].insert(index, PAYLOAD)
    assert "SNT1101" in ids(scan(packed(members)))


def test_a_payload_after_many_storages() -> None:
    members = parts()
    members["storages"] = [dumped(300), *[STORAGE, ELEMENTS] * 300, PAYLOAD]
    found = programs(packed(members))["storages"]
    assert len(found.tensors) == 300
    assert "SNT1101" in ids(scan(packed(members)))


@pytest.mark.parametrize("numel", [-1, 1 << 40, 1 << 62, (1 << 63) - 1])
def test_lengths_that_lie(numel: int) -> None:
    members = parts()
    members["storages"] = [dumped(1), STORAGE, struct.pack("<q", numel), PAYLOAD]
    assert "SNT1101" in ids(scan(packed(members)))


def test_members_that_end_early_are_never_clean() -> None:
    members = parts()
    members["tensors"] = [dumped(1), TENSOR, SIZES[:-4]]
    report = scan(packed(members))
    assert report.verdict is Verdict.INCOMPLETE
    assert {gap.reason for gap in report.coverage.gaps} == {"truncated"}
