"""skops: nodes, what they are judged by, and bounds. Rules SNT1440 to SNT1443."""

from __future__ import annotations

import json
import random
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel import scan_bytes
from sentinel.artifacts import Artifact
from sentinel.findings import Severity, Verdict
from sentinel.formats.skops import SkopsFile, parse
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.corpus.malicious.arrays import zipped
from tests.corpus.malicious.skops_files import NODES, PLAIN, archive, node, root, text
from tests.fuzz import fuzz_skops
from tests.fuzz.archive_fuzz import execute, make_input

RULES = {
    "function": "SNT1440", "unknown-object": "SNT1441", "method-shown-as-another": "SNT1442",
    "operator-shown-as-another": "SNT1442", "operator-globals": "SNT1443",
}  # fmt: skip


def found(hostile: Any) -> dict[str, Severity]:
    report = scan_bytes(archive(root(hostile)), "m.skops")
    return {finding.rule_id: finding.severity for finding in report.findings}


@pytest.mark.parametrize("name", RULES)
def test_each_attack_has_its_rule(name: str) -> None:
    assert RULES[name] in found(NODES[name][0])
    assert found(PLAIN) == {}


def test_a_getter_of_a_plain_name_is_quiet() -> None:
    plain = node("OperatorFuncNode", "operator", "attrgetter", attrs=text("coef_"))
    assert found(plain) == {}


def test_a_type_that_is_only_looked_up_is_of_low_severity() -> None:
    assert found(node("TypeNode", "nobody.knows", "Thing")) == {"SNT1441": Severity.LOW}


def test_the_file_is_known_by_its_content() -> None:
    data = archive(root(NODES["function"][0]))
    assert "skops" in scan_bytes(data, "model.bin").formats
    assert scan_bytes(zipped({"schema.json": b'{"type": "object"}'}), "x.zip").findings == ()


def test_a_schema_that_is_no_json_is_a_gap() -> None:
    for schema in (b"", b"{", b"[" * 200_000, b"\xff\xfe", b"null "):
        report = scan_bytes(zipped({"schema.json": schema}), "m.skops")
        assert (report.verdict is Verdict.INCOMPLETE) == (schema != b"null ")


def test_a_million_nodes_are_bounded() -> None:
    many = [node("FunctionNode", "m", f"f{number}") for number in range(30_000)]
    data = archive(root(node("ListNode", "builtins", "list", content=many)))
    result = parse(Artifact("m.skops", MemoryReader(data)), Budget())
    assert isinstance(result.model, SkopsFile)
    assert len(result.model.nodes) == 20_000
    assert [gap.reason for gap in result.gaps] == ["limit"]
    same = node("ListNode", "builtins", "list", content=[PLAIN] * 100_000)
    assert scan_bytes(archive(root(same)), "m.skops").verdict is Verdict.CLEAN


def test_truncation_is_never_clean() -> None:
    data = archive(root(PLAIN))
    for length in range(4, len(data), 7):
        assert scan_bytes(data[:length], "m.skops").verdict is not Verdict.CLEAN


@cache
def seeds() -> list[bytes]:
    return fuzz_skops.seeds()


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1 << 62))
def test_damaged_schemas_end_in_facts_or_in_our_errors(number: int) -> None:
    chance = random.Random(number)
    schema = make_input(chance, seeds(), fuzz_skops.MARKS)
    execute(fuzz_skops.mend(schema, chance), "skops")


values = st.recursive(
    st.none() | st.text(max_size=9) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["__class__", "__module__", "__loader__", "content", "obj", "func", "x"]),
        inner, max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@given(values)
def test_any_document_is_read(document: object) -> None:
    data = zipped({"schema.json": json.dumps(document).encode()})
    execute(data, "skops")
