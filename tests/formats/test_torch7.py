"""Torch7: values, functions, classes, and bounds. Rules SNT1470 to SNT1472."""

from __future__ import annotations

import random
import struct
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel import scan_bytes
from sentinel.artifacts import Artifact
from sentinel.findings import Severity, Verdict
from sentinel.formats import Parsed
from sentinel.formats.torch7 import Torch7File, parse
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.fuzz import fuzz_torch7
from tests.fuzz.archive_fuzz import execute, make_input
from tests.kit.lua import Lua

FORMS = pytest.mark.parametrize(("text", "width"), [(False, 8), (False, 4), (True, 8)])


def parsed(data: bytes) -> Parsed:
    return parse(Artifact("m.t7", MemoryReader(data)), Budget())


def found(data: bytes) -> dict[str, Severity]:
    report = scan_bytes(data, "m.t7")
    return {finding.rule_id: finding.severity for finding in report.findings}


@FORMS
def test_everything_is_read_to_its_end(text: bool, width: int) -> None:
    lua = Lua(text, width)
    inner = lua.object("nn.Linear", lua.table(weight=lua.tensor(), bias=lua.tensor(3)))
    data = lua.table(a=lua.string("x y"), b=lua.real(0.5), c=inner, d=lua.function(), e=lua.true())
    result = parsed(data)
    assert result.gaps == ()
    assert isinstance(result.model, Torch7File)
    assert result.model.trailing is None
    assert [name for name, _ in result.model.classes] == [
        "nn.Linear", "torch.FloatTensor", "torch.FloatStorage",
    ]  # fmt: skip
    assert "os.execute" in result.model.functions[0].names


@FORMS
def test_each_attack_has_its_rule(text: bool, width: int) -> None:
    def lua() -> Lua:
        return Lua(text, width)

    plain = lua().table(x=lua().real(1.0))
    assert found(plain) == {}
    for kind in (6, 7, 8):
        assert found(lua().function(kind)) == {"SNT1470": Severity.CRITICAL}
    made = lua()
    other = made.object("mine.Own", made.table(x=made.true()))
    assert found(other) == {"SNT1471": Severity.MEDIUM}
    assert found(plain + b"and more") == {"SNT1472": Severity.LOW}


def test_objects_that_refer_to_one_another_are_read_once() -> None:
    data = struct.pack("<3i", 3, 1, 1) + Lua().string("self") + struct.pack("<2i", 3, 1)
    assert parsed(data).gaps == ()


def test_tables_of_any_depth_and_length_are_walked() -> None:
    deep = b"".join(struct.pack("<5i", 3, n, 1, 5, 1) for n in range(1, 100_000))
    assert parsed(deep + struct.pack("<i", 0)).gaps == ()
    long = struct.pack("<3i", 3, 1, 200_000) + struct.pack("<4i", 5, 1, 5, 0) * 200_000
    assert parsed(long).gaps == ()


@pytest.mark.parametrize("value", [1 << 30, -1, 0x7FFFFFFF, -(1 << 31)])
def test_every_length_may_be_anything(value: int) -> None:
    lua = Lua()
    for data in (
        struct.pack("<3i", 3, 1, value), struct.pack("<2i", 2, value),
        struct.pack("<3i", 8, 1, value), struct.pack("<2i", 6, value),
        lua.object("torch.FloatStorage", struct.pack("<q", value)),
        lua.object("torch.FloatTensor", struct.pack("<i", value)),
    ):  # fmt: skip
        report = scan_bytes(data + bytes(20), "m.t7")
        assert report.verdict is not Verdict.CLEAN
        assert "internal" not in {gap.reason for gap in report.coverage.gaps}


def test_numbers_are_passed_over() -> None:
    lua = Lua()
    reader = MemoryReader(lua.table(weight=lua.tensor(2_000_000)))
    parse(Artifact("m.t7", reader), Budget())
    assert reader.size > 8_000_000
    assert reader.stats.bytes_read < 200_000


@FORMS
def test_truncation_is_never_clean(text: bool, width: int) -> None:
    lua = Lua(text, width)
    data = lua.object("nn.Linear", lua.table(weight=lua.tensor(), name=lua.string("x")))
    for length in range(1, len(data) - 1):
        assert scan_bytes(data[:length], "m.t7").verdict is not Verdict.CLEAN, length


@cache
def seeds() -> list[bytes]:
    return fuzz_torch7.seeds()


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1 << 62))
def test_damaged_files_end_in_facts_or_in_our_errors(number: int) -> None:
    execute(make_input(random.Random(number), seeds(), fuzz_torch7.MARKS), "torch7")
