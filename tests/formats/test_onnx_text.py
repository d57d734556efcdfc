"""ONNX in JSON and in the text form of protocol buffers, as its own library writes them."""

from __future__ import annotations

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from sentinel import Verdict, scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import SentinelError
from sentinel.findings import Severity
from sentinel.formats.onnx import parse as parse_binary
from sentinel.formats.onnx_text import parse
from sentinel.limits import Budget
from sentinel.readers import MemoryReader

FORMS = {"json": "m.onnxjson", "textproto": "m.textproto"}


def made(operator: str = "Relu", domain: str = "") -> onnx.ModelProto:
    given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2, 2]) for name in "xy"]
    weights = helper.make_tensor("w", TensorProto.FLOAT, [2, 2], [1.0, 2.0, 3.0, 4.0])
    raw = helper.make_tensor("v", TensorProto.FLOAT, [2], bytes(range(200, 208)), raw=True)
    body = helper.make_graph([helper.make_node("Neg", ["w"], ["r"])], "b", [], given[1:])
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("If", ["c"], ["z"], then_branch=body, else_branch=body),
        helper.make_node(operator, ["h"], ["y"], domain=domain, alpha=0.5, axes=[1, 2]),
    ]
    graph = helper.make_graph(nodes, "g", given[:1], given[1:], [weights, raw])
    domains = [helper.make_opsetid("", 18)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    return helper.make_model(graph, opset_imports=domains, producer_name="kit")


def written(form: str, model: onnx.ModelProto) -> bytes:
    return bytes(onnx.serialization.registry.get(form).serialize_proto(model))


@pytest.mark.parametrize("form", FORMS)
def test_the_facts_are_those_of_the_binary_form(form: str) -> None:
    model = made()
    (member,) = parse(Artifact(FORMS[form], MemoryReader(written(form, model))), Budget()).members
    ours, theirs = (
        parse_binary(Artifact("m.onnx", reader), Budget()).model
        for reader in (member.open(), MemoryReader(model.SerializeToString()))
    )
    for held in (ours, theirs):
        assert held.opsets == (("", 18),)  # type: ignore[attr-defined]
    assert [
        [(node.op, node.inputs, node.outputs) for node in graph.nodes]
        for graph in ours.graphs  # type: ignore[attr-defined]
    ] == [
        [(node.op, node.inputs, node.outputs) for node in graph.nodes]
        for graph in theirs.graphs  # type: ignore[attr-defined]
    ]


@pytest.mark.parametrize("form", FORMS)
def test_what_the_library_writes_is_clean_and_python_is_critical(form: str) -> None:
    report = scan_bytes(written(form, made()), FORMS[form])
    assert report.verdict is Verdict.CLEAN
    assert not report.findings
    report = scan_bytes(written(form, made("PyOp", "ai.onnx.contrib")), FORMS[form])
    assert max(one.severity for one in report.findings) is Severity.CRITICAL


def test_other_json_and_text_is_none() -> None:
    for text in ('{"graph": 1}', "graph: none", "ir_version is 9", '{"opset_import": "graph"}'):
        assert "onnx-text" not in scan_bytes(text.encode(), "notes.txt").formats


@given(st.binary(max_size=200))
def test_any_bytes_give_a_model_or_an_error_of_ours(data: bytes) -> None:
    for start in (b'{"irVersion": 9, "graph": ', b"ir_version: 9 graph { ", b""):
        try:
            parse(Artifact("m.onnxtxt", MemoryReader(start + data)), Budget())
        except SentinelError:
            continue


@pytest.mark.parametrize(
    "data",
    [b'{"graph":' * 50_000 + b"1", b"graph {" * 50_000, b'{"ir_version": [' + b"1," * 400_000],
)
def test_floods_end(data: bytes) -> None:
    with pytest.raises(SentinelError):
        parse(Artifact("m.onnxjson", MemoryReader(data)), Budget())
