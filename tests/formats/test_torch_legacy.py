"""Torch files from before the zip format: storages are stepped over, all else is looked at."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from sentinel.artifacts import Artifact
from sentinel.findings import Severity, Verdict
from sentinel.formats.pickle import PickleProgram
from sentinel.formats.pickle import parse as parse_pickle
from sentinel.formats.torch_legacy import is_legacy
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.formats.torch_kit import PAYLOAD, ids, parsed, saved, scan


def legacy(value: object) -> bytes:
    return saved(value, _use_new_zipfile_serialization=False)


STATE = {"weight": torch.arange(60.0).reshape(5, 12), "step": torch.tensor([3])}
CHECKPOINT = legacy(STATE)


def program_of(data: bytes) -> PickleProgram:
    program = parsed(parse_pickle, data).model
    assert isinstance(program, PickleProgram)
    return program


class Unreadable:
    """A reader that gives the start of a file and counts what is asked for behind it."""

    def __init__(self, data: bytes, size: int) -> None:
        self._inner = MemoryReader(data)
        self.size = size
        self.stats = self._inner.stats
        self.beyond = 0

    def pread(self, offset: int, length: int) -> bytes:
        self.beyond = max(self.beyond, offset + length)
        return self._inner.pread(offset, length).ljust(length, b"\0")

    def prefetch(self, ranges: object) -> None:
        pass

    def view(self) -> None:
        return None


def pickles_end(data: bytes) -> int:
    return program_of(data).streams[4].end


def test_the_storages_explain_the_rest() -> None:
    program = program_of(CHECKPOINT)
    assert is_legacy(program)
    assert len(program.streams) == 5
    assert program.tensors == [(pickles_end(CHECKPOINT), len(CHECKPOINT))]
    assert not program.junk
    assert scan(CHECKPOINT).verdict is Verdict.CLEAN


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 400])
def test_any_number_of_storages(count: int) -> None:
    data = legacy({f"w{index}": torch.zeros(index + 1) for index in range(count)})
    program = program_of(data)
    assert not program.junk
    assert not program.torn
    assert program.tensors == ([(program.streams[4].end, len(data))] if count else [])


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_modules_and_shared_storages() -> None:
    layer = nn.Linear(3, 3)
    tied = nn.Sequential(layer, layer)
    for value in (tied, tied.state_dict(), [layer.weight, layer.weight[1:]]):
        report = scan(legacy(value))
        assert report.verdict is Verdict.CLEAN
        assert not ids(report, Severity.LOW)


def test_half_a_gigabyte_costs_a_few_reads() -> None:
    numel = 125_000_000
    small = legacy({"weight": torch.zeros(1)})
    end = pickles_end(small)
    # The same file with another number of elements: in the persistent id and in the header.
    head = small[:end].replace(b"cpuq\x06K\x01N", b"cpuq\x06J" + numel.to_bytes(4, "little") + b"N")
    assert head != small[:end]
    data = head + numel.to_bytes(8, "little")
    reader = Unreadable(data, len(data) + 4 * numel)
    found = parse_pickle(Artifact("model.pt", reader), Budget())
    assert isinstance(found.model, PickleProgram)
    assert found.model.tensors == [(len(head), reader.size)]
    assert not found.gaps
    assert reader.stats.bytes_read < 100_000
    assert reader.beyond < 100_000


@pytest.mark.parametrize("index", range(5))
def test_a_payload_in_each_of_the_five_pickles(index: int) -> None:
    program = program_of(CHECKPOINT)
    at = program.streams[index]
    data = CHECKPOINT[: at.start] + PAYLOAD[:-1] + b"0" + CHECKPOINT[at.start :]
    assert "SNT1101" in ids(scan(data))


def test_a_payload_in_place_of_the_storages() -> None:
    end = pickles_end(CHECKPOINT)
    for data in (
        CHECKPOINT[:end] + PAYLOAD,
        CHECKPOINT + PAYLOAD,
        CHECKPOINT + b"\0" * 9 + PAYLOAD,
    ):
        assert "SNT1101" in ids(scan(data))


def test_a_first_storage_of_another_length_is_not_stepped_over() -> None:
    end = pickles_end(CHECKPOINT)
    tensors = bytearray(CHECKPOINT[end:])
    tensors[:8] = (7).to_bytes(8, "little")
    tensors[8 : 8 + len(PAYLOAD)] = PAYLOAD
    data = CHECKPOINT[:end] + bytes(tensors)
    assert not program_of(data).tensors
    assert "SNT1101" in ids(scan(data))


def test_storages_that_are_cut_short_are_never_clean() -> None:
    report = scan(CHECKPOINT[:-1])
    assert report.verdict is Verdict.INCOMPLETE
    assert "truncated" in {gap.reason for gap in report.coverage.gaps}


def test_bytes_behind_the_storages_are_said() -> None:
    report = scan(CHECKPOINT + b"trailing bytes")
    assert "SNT1111" in ids(report, Severity.LOW)
    assert program_of(CHECKPOINT + b"trailing bytes").tensors


def test_five_pickles_of_another_kind_are_no_torch_file() -> None:
    import pickle

    data = b"".join(pickle.dumps(value, 2) for value in (1, 1001, {}, {}, ["a"]))
    program = program_of(data + b"\1\0\0\0\0\0\0\0" + b"abcd")
    assert not is_legacy(program)
    assert not program.tensors


def test_weights_only_is_a_remark() -> None:
    assert "SNT1159" not in ids(scan(CHECKPOINT), Severity.INFO)
    report = scan(legacy(nn.Linear(2, 2)))
    found = [one for one in report.findings if one.rule_id == "SNT1159"]
    assert [one.severity for one in found] == [Severity.INFO]
