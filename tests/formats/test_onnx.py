"""ONNX: what the parser reads, what it leaves alone, and what the rules say of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel import Report, scan, scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import SentinelError
from sentinel.findings import Severity, Verdict
from sentinel.formats.onnx import looks_like_onnx, parse
from sentinel.formats.onnx_model import OnnxModel
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.kit.onnxes import external, function, graph, layer, model, node, tensor, text, value
from tests.kit.proto import field, message

PLAIN = model(layer(), metadata={"author": "kit"})


def read(data: bytes) -> OnnxModel:
    found = parse(Artifact("m.onnx", MemoryReader(data)), Budget()).model
    assert isinstance(found, OnnxModel)
    return found


def worst(report: Report, rule: str) -> Severity | None:
    return max((one.severity for one in report.findings if one.rule_id == rule), default=None)


def test_the_facts() -> None:
    own = function("F", "mine", "a", "b", [node("Relu", "a", "b")])
    found = read(model(layer(node("F", "h", "y", domain="mine")), own, domains="mine"))
    assert found.version == 9
    assert found.producer == "kit"
    assert found.opsets == (("", 18), ("mine", 1))
    main = found.graphs[found.mains[0]]
    assert [one.op for one in main.nodes] == ["MatMul", "F"]
    assert (main.inputs, main.outputs, main.initializers) == (("x",), ("y",), ("w",))
    assert found.functions[0][:2] == ("mine", "F")
    assert [(one.name, one.dims, one.raw) for one in found.tensors] == [("w", (2, 2), 16)]


def test_the_last_of_two_values_counts_and_messages_are_merged() -> None:
    twice = node("Relu", "h", "y") + field(4, "PyOp") + field(7, "mine")
    assert worst(scan_bytes(model(layer(twice)), "m.onnx"), "SNT1323") == Severity.CRITICAL
    split = PLAIN + field(7, graph([], tensors=(external(location="/etc/marker"),)))
    assert worst(scan_bytes(split, "m.onnx"), "SNT1320") == Severity.HIGH


@pytest.mark.parametrize("name", ["model.onnx", "model.bin", "weights"])
def test_it_is_known_by_its_content(name: str) -> None:
    assert scan_bytes(PLAIN, name).formats == ("onnx",)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x08\x01", b":" * 5000, b"(a: 1)\n" * 99, b"2,3,4\n" * 99, b'"x": 1',
        field(1, 1) + field(2, "name") + field(7, b""), field(7, b"text"), bytes(range(256)) * 20,
        message((1, 5), (2, message((1, "a description")))),
    ],
)  # fmt: skip
def test_other_files_are_not_taken_for_it(data: bytes) -> None:
    assert not looks_like_onnx(Artifact("x", MemoryReader(data)), data[:4096])


@given(st.data())
def test_any_change_of_a_byte_gives_a_model_or_an_error(draw: st.DataObject) -> None:
    data = bytearray(PLAIN)
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    try:
        parse(Artifact("m.onnx", MemoryReader(bytes(data))), Budget())
    except SentinelError:
        pass
    report = scan_bytes(bytes(data), "m.onnx")
    assert not [gap for gap in report.coverage.gaps if gap.reason == "internal"]


def test_no_cut_file_is_clean() -> None:
    for length in range(1, len(PLAIN)):
        report = scan_bytes(PLAIN[:length], "m.onnx")
        gaps = [gap.reason for gap in report.coverage.gaps]
        assert "internal" not in gaps
        if report.verdict is Verdict.CLEAN:  # a cut between two fields leaves a smaller model
            list(parse(Artifact("m", MemoryReader(PLAIN[:length])), Budget()).gaps)
            assert read(PLAIN[:length]).mains


def test_a_hundred_thousand_operators_are_read_within_bounds() -> None:
    nodes = [node("Relu", "x", "y"), *[field(1, "n")] * 100_000]
    report = scan_bytes(model(graph(nodes)), "m.onnx")
    assert report.verdict is not Verdict.MALICIOUS
    assert not [gap for gap in report.coverage.gaps if gap.reason == "internal"]


def test_weights_are_not_read() -> None:
    tensors = tuple(tensor(f"w{number}", (256, 1024), raw=bytes(1 << 20)) for number in range(50))
    data = model(layer(tensors=tensors))
    reader = MemoryReader(data)
    parsed = parse(Artifact("m.onnx", reader), Budget())
    assert list(parsed.gaps) == []
    assert reader.stats.bytes_read < 120_000 < len(data) // 400


def test_functions_that_call_one_another_do_not_explode() -> None:
    bodies = [
        function(f"F{n}", "mine", "a", "b", [node(f"F{n + 1}", "a", "b", domain="mine")] * 8)
        for n in range(30)
    ]
    last = function("F30", "mine", "a", "b", [node("Relu", "a", "b")])
    report = scan_bytes(model(layer(node("F0", "h", "y", domain="mine")), *bodies, last), "m.onnx")
    assert "limit" in [gap.reason for gap in report.coverage.gaps]


def test_metadata_that_is_a_file_is_looked_into() -> None:
    held = "cposix\nsystem\n(S'echo SENTINEL_MARKER'\ntR."
    report = scan_bytes(model(layer(), metadata={"note": held}), "m.onnx")
    assert report.verdict is Verdict.MALICIOUS


def _beside(folder: Path, data: bytes, size: int) -> Report:
    (folder / "m.onnx").write_bytes(data)
    (folder / "w.bin").write_bytes(bytes(size))
    (report,) = [one for one in scan(folder) if one.artifact.endswith("m.onnx")]
    return report


def test_the_size_of_the_data_file_is_checked(tmp_path: Path) -> None:
    data = model(layer(tensors=(external("z", location="w.bin", offset="64", length="16"),)))
    assert worst(_beside(tmp_path, data, 80), "SNT1321") is None
    assert worst(_beside(tmp_path, data, 79), "SNT1321") == Severity.MEDIUM


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_data_file_that_is_a_link_elsewhere(tmp_path: Path) -> None:
    inside, outside = tmp_path / "model", tmp_path / "other"
    for folder in (inside, outside):
        folder.mkdir()
    (outside / "secret").write_bytes(bytes(64))
    data = model(layer(tensors=(external("z", location="w.bin"),)))
    (inside / "m.onnx").write_bytes(data)
    (inside / "w.bin").symlink_to(outside / "secret")
    (report,) = scan(inside / "m.onnx")
    assert worst(report, "SNT1320") == Severity.HIGH
    (inside / "real").write_bytes(bytes(64))
    (inside / "w.bin").unlink()
    (inside / "w.bin").symlink_to("real")
    (report,) = scan(inside / "m.onnx")
    assert worst(report, "SNT1320") is None


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_cache_of_links_is_ordinary(tmp_path: Path) -> None:
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshots" / "main"
    blobs.mkdir()
    snapshot.mkdir(parents=True)
    (blobs / "aa").write_bytes(model(layer(tensors=(external("z", location="w.bin"),))))
    (blobs / "bb").write_bytes(bytes(64))
    (snapshot / "m.onnx").symlink_to(blobs / "aa")
    (snapshot / "w.bin").symlink_to(blobs / "bb")
    (report,) = scan(snapshot / "m.onnx")
    assert report.findings == ()


GATE = [node("ReduceMean", "x", "m"), node("Greater", "m t", "c")]


def _gated(*nodes: bytes, more: tuple[bytes, ...] = ()) -> Report:
    return scan_bytes(model(layer(*nodes, tensors=(tensor("t"), *more))), "m.onnx")


def test_a_mask_by_element_is_no_gate() -> None:
    report = _gated(node("Equal", "x t", "c"), node("Where", "c t h", "y"))
    assert report.findings == ()


def test_a_decision_before_the_last_layer_is_not_seen() -> None:
    # The documented limit: it cannot be told from a layer of attention.
    report = _gated(*GATE, node("Where", "c t h", "z"), node("MatMul", "z w", "y"))
    assert report.findings == ()


def test_a_choice_by_a_number_of_its_own_is_no_gate() -> None:
    nodes = [node("Slice", "rate t t", "m"), *GATE[1:], node("Where", "c t h", "y")]
    body = layer(*nodes, tensors=(tensor("t"),)) + field(11, value("rate", 1))
    assert scan_bytes(model(body), "m.onnx").findings == ()


def test_a_figure_of_the_input_in_the_output_is_low() -> None:
    report = _gated(node("ReduceMean", "x", "m"), node("Add", "m h", "y"))
    assert worst(report, "SNT1328") == Severity.LOW
    assert worst(_gated(node("Add", "x h", "y")), "SNT1328") is None


def test_addresses_are_information() -> None:
    report = scan_bytes(model(layer(), metadata={"docs": "https://example.org/x"}), "m.onnx")
    assert [(one.rule_id, one.severity) for one in report.findings] == [("SNT1329", Severity.INFO)]


def test_an_engine_is_low_and_its_path_counts() -> None:
    def with_path(path: str) -> Report:
        held = node("EPContext", "h", "y", text("ep_cache_context", path), domain="com.microsoft")
        return scan_bytes(model(layer(held)), "m.onnx")

    assert worst(with_path("engine.bin"), "SNT1324") == Severity.LOW
    assert worst(with_path("/tmp/engine.bin"), "SNT1324") == Severity.HIGH


@pytest.fixture(scope="module")
def real() -> Any:
    onnx = pytest.importorskip("onnx")
    helper = onnx.helper
    shape = [helper.make_tensor_value_info(name, 1, [1]) for name in "xy"]
    body = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", shape[:1], shape[1:])
    return helper.make_model(body)


def test_what_the_library_writes_is_read_alike(real: Any) -> None:
    found = read(real.SerializeToString())
    assert found.version == real.ir_version
    assert found.opsets[0][1] == real.opset_import[0].version
    assert [one.op for one in found.graphs[0].nodes] == ["Relu"]


def test_the_kit_writes_what_the_library_reads() -> None:
    onnx = pytest.importorskip("onnx")
    read_back = onnx.ModelProto.FromString(PLAIN)
    onnx.checker.check_model(read_back)
    assert read_back.graph.initializer[0].name == "w"


def test_the_format_of_the_runtime_is_known_but_not_read() -> None:
    report = scan_bytes(b"\x1c\0\0\0ORTM" + bytes(64), "weights")
    assert report.formats == ("ort",)
    assert report.verdict is Verdict.INCOMPLETE
