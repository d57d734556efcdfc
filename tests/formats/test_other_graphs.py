"""Core ML, PaddlePaddle, Caffe, MXNet, CNTK: known by content, bounded, and quiet on real files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel import scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import SentinelError
from sentinel.findings import Severity, Verdict
from sentinel.formats import BY_NAME, Parsed, load
from sentinel.formats.coreml import CoreModel
from sentinel.formats.paddle import PaddleProgram
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.kit.graphs import (
    caffe,
    caffe_layer,
    cntk,
    cntk_dictionary,
    coreml,
    linked,
    mxnet,
    mxnet_parameters,
    network,
    operation,
    paddle,
    paddle_operator,
    program,
)  # fmt: skip
from tests.kit.proto import message

REAL = Path(__file__).resolve().parents[1] / "corpus" / "real" / "coreml"
WEIGHTS = "@model_path/weights/weight.bin"
FILES = {
    "coreml": coreml(network((140, b"")), program(operation("const", WEIGHTS))),
    "paddle": paddle(paddle_operator("matmul_v2", data_format="NCHW"), paddle_operator("relu")),
    "caffe": caffe(caffe_layer("ReLU"), caffe_layer("Input")),
    "mxnet": mxnet("FullyConnected", num_hidden="8"),
    "mxnet-params": mxnet_parameters("arg:w", "arg:b"),
    "cntk": cntk(cntk_dictionary(type="PrimitiveFunction", uid="p", op="Times")),
}

by_format = pytest.mark.parametrize("name", sorted(FILES))


def parsed(name: str, data: bytes) -> Parsed:
    parse: Callable[..., object] = load(BY_NAME[name].parse)
    found = parse(Artifact("file", MemoryReader(data)), Budget())
    assert isinstance(found, Parsed)
    return found


@by_format
def test_it_is_known_by_its_content_and_clean(name: str) -> None:
    report = scan_bytes(FILES[name], "weights")
    assert report.formats == (name,)
    assert report.verdict is Verdict.CLEAN
    assert report.findings == ()


@pytest.mark.parametrize("path", sorted(REAL.iterdir()), ids=lambda path: path.name)
def test_what_coremltools_wrote_is_clean(path: Path) -> None:
    report = scan_bytes(path.read_bytes(), path.name)
    assert report.formats == ("mlpackage" if path.suffix == ".json" else "coreml",)
    assert report.verdict is Verdict.CLEAN
    assert report.findings == ()


def test_weights_beside_a_program_are_named() -> None:
    model = parsed("coreml", (REAL / "program.mlmodel").read_bytes()).model
    assert isinstance(model, CoreModel)
    assert [(one.purpose, one.path) for one in model.paths] == [("weights", WEIGHTS)]


@by_format
@given(st.data())
def test_any_change_of_a_byte_gives_a_model_or_an_error(name: str, draw: st.DataObject) -> None:
    data = bytearray(FILES[name])
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    try:
        parsed(name, bytes(data))
    except SentinelError:
        pass


@by_format
def test_every_cut_gives_a_model_or_an_error(name: str) -> None:
    for length in range(len(FILES[name])):
        try:
            parsed(name, FILES[name][:length])
        except SentinelError:
            pass


def test_what_paddle_3_wrote_is_clean() -> None:
    data = (REAL.parent / "paddle" / "inference.json").read_bytes()
    report = scan_bytes(data, "inference.json")
    assert report.formats == ("paddle",)
    assert report.verdict is Verdict.CLEAN
    assert report.findings == ()
    model = parsed("paddle", data).model
    assert isinstance(model, PaddleProgram)
    kinds = [operator.kind for operator in model.operators]
    assert kinds.count("yield") == 2  # those within the branches too
    assert {"matmul", "relu", "if", "scale"} <= set(kinds)
    assert ("name", "x") in model.operators[2].texts


@pytest.mark.parametrize(
    "program",
    [
        {"program": {"regions": 5}}, {"program": []}, {"program": {"regions": [5, {"blocks": 7}]}},
        {"program": {"regions": [{"blocks": [{"ops": [{"#": 5, "A": [{"AT": 1}, 2]}, 3]}]}]}},
    ],
)  # fmt: skip
def test_a_program_of_paddle_3_may_be_anything(program: object) -> None:
    data = json.dumps({"base_code": {"magic": "pir"}, **program}).encode()  # type: ignore[dict-item]
    reasons = {gap.reason for gap in scan_bytes(data, "inference.json").coverage.gaps}
    assert reasons <= {"malformed"}


def test_a_program_of_paddle_3_is_bounded() -> None:
    deep = b'{"base_code":{"magic":"pir"},"program":' + b'{"regions":[' * 100_000
    assert scan_bytes(deep, "inference.json").verdict is Verdict.INCOMPLETE


def test_weights_of_core_ml_are_not_read() -> None:
    heavy = message((20, message((30, bytes(1 << 20)))))
    reader = MemoryReader(coreml(network(*[(140, heavy) for _ in range(30)])))
    found = load(BY_NAME["coreml"].parse)(Artifact("m", reader), Budget())
    assert isinstance(found, Parsed)
    assert reader.stats.bytes_read < 100_000 < reader.size // 300


def test_arrays_of_mxnet_are_not_read_and_must_fit() -> None:
    data = bytearray(mxnet_parameters("arg:w"))
    data[36:44] = (1 << 62).to_bytes(8, "little")
    with pytest.raises(SentinelError):
        parsed("mxnet-params", bytes(data))


def test_what_follows_the_parameters_is_low() -> None:
    report = scan_bytes(mxnet_parameters("arg:w", more=b"more"), "m.params")
    assert [(one.rule_id, one.severity) for one in report.findings] == [("SNT1354", Severity.LOW)]


def test_a_linked_model_beside_is_low() -> None:
    report = scan_bytes(coreml(linked("other.mlmodel")), "m.mlmodel")
    assert {(one.rule_id, one.severity) for one in report.findings} == {("SNT1346", Severity.LOW)}


def test_a_serialized_model_is_incomplete() -> None:
    assert scan_bytes(coreml((3000, b"bytes")), "m.mlmodel").verdict is Verdict.INCOMPLETE


def test_a_python_layer_in_a_comment_or_a_string_is_none() -> None:
    text = b"layer { type: \"ReLU\" # type: 'Python'\n name: \"type: 'Python'\" }"
    assert scan_bytes(text, "net.prototxt").findings == ()


def test_graphs_within_graphs_of_mxnet_are_read() -> None:
    inner = json.loads(mxnet("_Native", info="1"))
    outer = json.loads(mxnet("_foreach"))
    outer["nodes"][1]["subgraphs"] = [inner]
    report = scan_bytes(json.dumps(outer).encode(), "m-symbol.json")
    assert [one.rule_id for one in report.findings] == ["SNT1353"]


def test_json_that_is_deep_is_an_error() -> None:
    data = b'{"nodes": ' + b"[" * 200_000 + b', "op" "heads"'
    report = scan_bytes(data, "m-symbol.json")
    assert report.verdict is Verdict.INCOMPLETE
    assert "internal" not in {gap.reason for gap in report.coverage.gaps}


def test_dictionaries_that_are_deep_are_bounded() -> None:
    deep = cntk_dictionary(type="x")
    for _ in range(200):
        deep = cntk_dictionary(state=deep, type="a", uid="b", name="c")
    report = scan_bytes(deep, "m.dnn")
    assert "limit" in {gap.reason for gap in report.coverage.gaps}
