"""R objects: what is code and where it stands, and bounds. Rules SNT1450 to SNT1454."""

from __future__ import annotations

import gzip
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
from sentinel.formats.r import RFile, parse
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.fuzz import fuzz_r
from tests.fuzz.archive_fuzz import execute, make_input
from tests.kit.rstream import POINTER, R

FORMS = pytest.mark.parametrize("form", "XAB")


def parsed(data: bytes) -> Parsed:
    return parse(Artifact("m.rds", MemoryReader(data)), Budget())


def model(data: bytes) -> RFile:
    result = parsed(data)
    assert result.gaps == ()
    assert isinstance(result.model, RFile)
    return result.model


def found(data: bytes, name: str = "m.rds") -> dict[str, Severity]:
    report = scan_bytes(data, name)
    worst_last = reversed(report.findings)
    return {finding.rule_id: finding.severity for finding in worst_last}


@FORMS
def test_everything_is_read_to_its_end(form: str) -> None:
    r = R(form)
    frame = r.variables(a=r.promise(r.call("f"), r.text("x y\\z")), b=r.number(255 | 1 << 8))
    item = r.listed(r.text("a", "ü"), r.environment(frame, frame), r.raw(b"12345"), r.closure(
        r.call("g", r.text("h"))))  # fmt: skip
    structure = model(r.file(item))
    assert structure.complete
    assert len(r.file(item)) - structure.end == (1 if form == "A" else 0)  # the last line's end
    kinds = [(code.kind, code.where, code.forced) for code in structure.codes]
    assert kinds == [
        ("promise", "environment", True), ("promise", "environment", True),
        ("closure", "value", True),
    ]  # fmt: skip
    assert structure.codes[-1].symbols == ("g", "h")


@FORMS
def test_where_a_promise_stands_decides(form: str) -> None:
    r = R(form)
    pending, forced = r.promise(r.call("sum")), r.promise(r.call("sum"), r.text("a"))
    assert found(r.file(pending))["SNT1450"] is Severity.HIGH
    assert found(r.file(r.environment(r.variables(x=pending))))["SNT1451"] is Severity.LOW
    assert found(r.file(r.environment(r.variables(x=forced)))) == {"SNT1453": Severity.INFO}
    assert found(r.file(r.variables(x=pending), workspace=True))["SNT1450"] is Severity.HIGH


def test_functions_are_judged_by_what_they_mention() -> None:
    r = R()
    assert found(r.file(r.closure(r.call("sum")))) == {"SNT1453": Severity.INFO}
    loud = r.closure(r.call("lapply", r.call("system2", r.text("ls"))))
    assert found(r.file(loud))["SNT1452"] is Severity.MEDIUM
    assert "SNT1452" not in found(r.file(r.text("system2")))


def test_packages_hooks_and_pointers_are_facts() -> None:
    r = R()
    name = r.number(0, 1) + r.characters("ggplot2")
    items = [r.number(249) + name, r.number(247) + name, r.number(POINTER, 254, 254)]
    assert found(r.file(r.listed(*items))) == {"SNT1454": Severity.LOW}
    assert "SNT1454" not in found(r.file(r.listed(r.text("ggplot2"))))


def test_text_that_begins_alike_is_no_file_of_r() -> None:
    for text in (b"A\n2\n3\n4\n", b"X\nY\n", b"B\n1\n"):
        assert scan_bytes(text, "table.csv").formats == ()


def test_lists_of_any_depth_and_length_are_walked() -> None:
    r = R()
    deep = struct.pack(">2i", 19, 1) * 200_000 + r.text("x")
    assert model(r.file(deep)).complete
    long = b"".join(struct.pack(">i", 2) + r.number(254) for _ in range(200_000)) + r.number(254)
    assert model(r.file(long)).complete
    texts = r.number(16, 300_000) + r.characters("abc") * 300_000
    assert model(r.file(texts)).complete


@pytest.mark.parametrize("length", [0, 1, -1, -2, 0x7FFFFFFF, -(1 << 31)])
@pytest.mark.parametrize("kind", [9, 10, 13, 14, 15, 16, 19, 20, 24])
def test_every_length_may_be_anything(kind: int, length: int) -> None:
    r = R()
    data = r.file(r.number(kind, length)) + r.number(0)
    report = scan_bytes(data, "m.rds")
    assert "internal" not in {gap.reason for gap in report.coverage.gaps}
    if length not in (0, 1) and not (kind == 9 and length == -1):
        assert report.verdict is Verdict.INCOMPLETE


def test_numbers_are_passed_over() -> None:
    r = R()
    numbers = r.number(14, 1_000_000) + bytes(8_000_000)
    reader = MemoryReader(r.file(r.listed(numbers, r.text("a"), numbers)))
    parse(Artifact("m.rds", reader), Budget())
    assert reader.stats.bytes_read < 300_000


@pytest.mark.parametrize("packed", [False, True])
def test_truncation_is_never_clean(packed: bool) -> None:
    r = R()
    data = r.file(r.listed(r.text("a", "b"), r.environment(r.variables(x=r.text("y")))))
    for length in range(6, len(data)):
        cut = gzip.compress(data[:length]) if packed else data[:length]
        assert scan_bytes(cut, "m.rds").verdict is not Verdict.CLEAN, length


@cache
def seeds() -> list[bytes]:
    return fuzz_r.seeds()


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1 << 62))
def test_damaged_files_end_in_facts_or_in_our_errors(number: int) -> None:
    execute(make_input(random.Random(number), seeds(), fuzz_r.MARKS), "r")
