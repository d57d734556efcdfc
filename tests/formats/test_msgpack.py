"""MessagePack and Zarr: what is read, what is told, what is bounded. Rules SNT1705 to SNT1707."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel import Verdict, scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import SentinelError
from sentinel.findings import Severity
from sentinel.formats.msgpack import parse
from sentinel.formats.msgpack_model import MsgpackFile
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.corpus.malicious.case import EVIL
from tests.kit.msgpacks import array, checkpoint, pickled


def facts(data: bytes) -> MsgpackFile:
    model = parse(Artifact("m.msgpack", MemoryReader(data)), Budget()).model
    assert isinstance(model, MsgpackFile)
    return model


def ids(data: bytes) -> dict[str, Severity]:
    return {found.rule_id: found.severity for found in scan_bytes(data, "m.msgpack").findings}


@pytest.mark.parametrize("name", ["flax_model.msgpack", "checkpoint", "checkpoint_100", "x"])
def test_a_checkpoint_is_told_by_its_content(name: str) -> None:
    report = scan_bytes(checkpoint(), name)
    assert report.formats == ("msgpack",)
    assert report.verdict is Verdict.CLEAN
    assert facts(checkpoint()).arrays == 6


def test_the_bytes_of_arrays_are_not_read() -> None:
    big = checkpoint(big=array((1 << 22,), bytes(1 << 24)), more=array((1 << 22,), bytes(1 << 24)))
    reader = MemoryReader(big)
    parse(Artifact("m.msgpack", reader), Budget())
    assert reader.stats.bytes_read < 400_000
    assert scan_bytes(big, "model").formats == ("msgpack",)


@given(st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 64) - 1) | st.floats() | st.text()
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
))  # fmt: skip
@settings(deadline=None)
def test_whatever_msgpack_writes_is_walked_to_its_end(value: Any) -> None:
    found = facts(msgpack.packb({"a": value}, use_bin_type=True))
    assert {problem.kind for problem in found.problems} <= set()


@pytest.mark.parametrize("dtype", ["bfloat16", "float8_e4m3fn", "int64", "bool", "complex64"])
def test_each_type_of_items_has_its_size(dtype: str) -> None:
    size = {"bfloat16": 2, "float8_e4m3fn": 1, "int64": 8, "bool": 1, "complex64": 8}[dtype]
    assert ids(checkpoint(x=array((3, 5), bytes(15 * size), dtype))) == {}
    assert ids(checkpoint(x=array((3, 5), bytes(14 * size), dtype))) == {"SNT1706": Severity.MEDIUM}


def test_what_is_not_known_is_low() -> None:
    assert ids(checkpoint(x=array((1,), bytes(4), "posit32"))) == {"SNT1706": Severity.LOW}
    other = msgpack.packb({"a": msgpack.ExtType(77, b"abc"), "b": 1})
    assert ids(other) == {"SNT1706": Severity.LOW}
    assert ids(checkpoint(x=msgpack.ExtType(77, b"abc"))) == {"SNT1706": Severity.MEDIUM}


def test_a_pickle_of_msgpack_numpy_is_judged() -> None:
    found = ids(pickled(EVIL[4]))
    assert found["SNT1705"] == Severity.HIGH
    assert Severity.CRITICAL in found.values()
    assert ids(pickled(b"", b"V")) == {}


def test_every_truncation_is_told() -> None:
    data = checkpoint()
    for end in range(1, len(data)):
        report = scan_bytes(data[:end], "m.msgpack")
        assert report.verdict is not Verdict.CLEAN, end
        assert {gap.reason for gap in report.coverage.gaps} <= {"malformed", "limit"}


@pytest.mark.parametrize(
    "data",
    [b"\x81\xa1a\xdf\xff\xff\xff\xff", b"\x91" * 100_000, b"\x81\xa1a\xc9\xff\xff\xff\xff\x01",
     b"\x81\xa1a\xc1", b"\x81\xa1a\xc7\x02\x01\x93\xdd", b"\x81\xa1a\xd8\x01" + b"\x93" * 16,
     b"\x81\xa1a\xdb\xff\xff\xff\xff", b"\x81\xa1a\xc6\x7f\xff\xff\xff"],
)  # fmt: skip
def test_lengths_and_nesting_are_bounded(data: bytes) -> None:
    with pytest.raises(SentinelError):
        facts(data)


def test_a_million_values_take_their_time_and_no_more() -> None:
    data = msgpack.packb({"a": [1] * 1_000_000}, use_bin_type=True)
    assert facts(data).values > 1_000_000


@settings(deadline=None)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=6), st.integers(0, 700))
def test_any_damage_gives_facts_or_an_error_of_ours(at: int, patch: bytes, end: int) -> None:
    good = checkpoint()
    try:
        facts((good[:at] + patch + good[at + len(patch) :])[:end])
    except SentinelError:
        pass


def test_ordinary_descriptions_of_zarr_are_clean() -> None:
    text = b'{"chunks":[2],"compressor":{"id":"zstd"},"dtype":"<f4","filters":null,"zarr_format":2}'
    report = scan_bytes(text, "params/.zarray")
    assert report.formats == ("zarr",)
    assert report.verdict is Verdict.CLEAN
    for broken in (b'{"zarr', b'{"zarr": ' + b"[" * 100_000, b'{"zarr":1}' * 3):
        assert scan_bytes(broken, ".zarray").verdict is Verdict.INCOMPLETE
