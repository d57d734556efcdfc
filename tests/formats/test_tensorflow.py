"""TensorFlow's graphs: what the parser reads, and that it reads no constants."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel import scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import SentinelError
from sentinel.findings import Severity, Verdict
from sentinel.formats.tf_graph import looks_like_graph, parse
from sentinel.formats.tf_model import TfGraphs
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.kit.proto import message
from tests.kit.tfs import constant, function, graph, meta, node, saved

REAL = Path(__file__).resolve().parents[1] / "corpus" / "real" / "tensorflow"
PATH = node("Const", "path", "", constant("words.txt"))
PLAIN = saved(graph(PATH, node("Relu", "y", "x"), functions=(function("f", node("Neg", "n")),)))


def read(data: bytes, name: str = "saved_model.pb") -> TfGraphs:
    found = parse(Artifact(name, MemoryReader(data)), Budget()).model
    assert isinstance(found, TfGraphs)
    return found


def test_the_facts() -> None:
    found = read(saved(graph(PATH, functions=(function("f", node("Neg", "n", "a:0 ^b")),)),
                       ("path:0", "words.txt")))  # fmt: skip
    assert (found.kind, found.version, found.tags) == ("saved model", "2.21.0", ("serve",))
    assert [(one.op, one.name, one.function) for one in found.nodes] == [
        ("Const", "path", ""), ("Neg", "n", "f"),
    ]  # fmt: skip
    assert found.nodes[0].texts == (("value", "words.txt"),)
    assert found.nodes[1].inputs == ("a:0", "^b")
    assert [asset[:2] for asset in found.assets] == [("path:0", "words.txt")]


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("dense.pb", "saved model"), ("recurrent.pb", "saved model"), ("control.pb", "saved model"),
        ("vocabulary.pb", "saved model"), ("version1.pb", "saved model"),
        ("version1.meta", "meta graph"), ("frozen.pb", "graph"), ("fingerprint.pb", "fingerprint"),
    ],
)  # fmt: skip
def test_what_tensorflow_wrote_is_known_by_its_content(file: str, kind: str) -> None:
    data = (REAL / file).read_bytes()
    assert read(data, "weights").kind == kind
    report = scan_bytes(data, "weights")
    assert report.formats == ("savedmodel",)
    assert report.verdict is Verdict.CLEAN


def test_functions_of_real_models_are_read() -> None:
    found = read((REAL / "recurrent.pb").read_bytes())
    assert {"MatMul", "VarHandleOp", "SaveV2"} <= {one.op for one in found.nodes}
    assert any("call" in name for name in found.functions)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n\n\n# a text\n", b"\nname\n", b"\x08\x01\x12\x00", b"\n\x03\n\x01a",
        message((1, [message((1, "key"), (2, "value"))])), bytes(range(256)) * 8,
        message((1, 3), (2, message((1, "onnx")))), b'"text": 1',
        message((1, message((1, "a/b.proto"), (2, "a.b"), (3, "c.proto"), (12, "proto3")))),
    ],
)  # fmt: skip
def test_other_files_are_not_taken_for_it(data: bytes) -> None:
    assert not looks_like_graph(Artifact("x", MemoryReader(data)), data[:4096])


@given(st.data())
def test_any_change_of_a_byte_gives_a_model_or_an_error(draw: st.DataObject) -> None:
    data = bytearray(PLAIN)
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    try:
        parse(Artifact("saved_model.pb", MemoryReader(bytes(data))), Budget())
    except SentinelError:
        pass
    report = scan_bytes(bytes(data), "saved_model.pb")
    assert "internal" not in {gap.reason for gap in report.coverage.gaps}


def test_a_cut_file_is_not_clean_where_the_cut_shows() -> None:
    for length in range(4, len(PLAIN)):
        report = scan_bytes(PLAIN[:length], "saved_model.pb")
        assert report.verdict is Verdict.INCOMPLETE, length


def test_constants_are_not_read() -> None:
    weight = message((8, message((1, 1), (4, bytes(1 << 20)))))
    data = graph(*[node("Const", f"w{number}", "", ("value", weight)) for number in range(50)])
    reader = MemoryReader(data)
    parse(Artifact("frozen.pb", reader), Budget())
    assert reader.stats.bytes_read < 250_000 < len(data) // 200


def test_keras_configurations_become_members() -> None:
    user = message((1, "_tf_keras_layer"), (3, '{"class_name": "Dense"}'))
    other = message((1, "_generic_user_object"), (3, "text"))
    objects = message((1, [message((4, user)), message((4, other))]))
    found = parse(
        Artifact("saved_model.pb", MemoryReader(saved(graph(PATH), objects=objects))), Budget()
    )
    members = list(found.members)
    assert [member.formats for member in members] == [("keras-config",)]
    assert members[0].open().pread(0, 99) == b'{"class_name": "Dense"}'


def test_an_asset_may_have_been_elsewhere_when_the_graph_was_saved() -> None:
    place = node("Const", "path", "", constant("/home/somebody/words.txt"))
    body = graph(place, node("InitializeTableFromTextFileV2", "t", "table path"))
    assert scan_bytes(saved(body, ("path:0", "words.txt")), "m.pb").verdict is Verdict.CLEAN
    worst = max(one.severity for one in scan_bytes(saved(body), "m.pb").findings)
    assert worst == Severity.HIGH


def test_records_are_information_and_engines_low() -> None:
    report = scan_bytes(saved(graph(node("TFRecordReaderV2", "r"))), "m.pb")
    assert [one.severity for one in report.findings] == [Severity.INFO]
    report = scan_bytes(saved(graph(node("TRTEngineOp", "e", "x"))), "m.pb")
    assert [(one.rule_id, one.severity) for one in report.findings] == [("SNT1337", Severity.LOW)]


def test_a_library_that_is_known_is_information() -> None:
    report = scan_bytes(saved(graph(node("SentencepieceOp", "s"))), "m.pb")
    assert [(one.rule_id, one.severity) for one in report.findings] == [("SNT1334", Severity.INFO)]


def test_names_that_lead_in_circles_end() -> None:
    ring = [node("Identity", f"i{n}", f"i{(n + 1) % 5}") for n in range(5)]
    data = saved(graph(*ring, node("SaveV2", "s", "i0")))
    assert scan_bytes(data, "saved_model.pb").verdict is Verdict.CLEAN


def test_a_meta_graph_alone() -> None:
    assert read(meta(graph(PATH)), "model.meta").kind == "meta graph"


TEXT = r"""# a graph
saved_model_schema_version: 1
meta_graphs {
  meta_info_def { tensorflow_version: "2.21.0" stripped_op_list { op { name: "Relu" } } }
  graph_def {
    node { name: "path" op: "Const"
      attr { key: "value" value { tensor { dtype: DT_STRING string_val: "words" '.txt' } } } }
    node { name: "y" op: "%s" input: "path" input: "^x" attr { key: "token" value { s: "t" } } }
    library { function {
      signature { name: "f" input_arg { name: "a" } }
      node_def < name: 'n' op: 'Neg' input: 'a' > } }
  }
  asset_file_def { tensor_info { name: "path:0" } filename: "words.txt" }
}
"""


@pytest.mark.parametrize("spelt", ["PyFunc", r"Py\106unc", r"\x50yFunc", r'Py" "Func'])
def test_graphs_in_text_form_are_read(spelt: str) -> None:
    data = (TEXT % spelt).encode()
    found = read(data, "saved_model.pbtxt")
    assert [(one.op, one.name, one.function) for one in found.nodes] == [
        ("Const", "path", ""), ("PyFunc", "y", ""), ("Neg", "n", "f"),
    ]  # fmt: skip
    assert found.nodes[0].texts == (("value", "words.txt"),)
    assert found.nodes[1].inputs == ("path", "^x")
    assert (found.version, found.functions) == ("2.21.0", ("f",))
    assert found.assets[0][:2] == ("path:0", "words.txt")
    report = scan_bytes(data, "saved_model.pbtxt")
    assert report.verdict is Verdict.MALICIOUS
    assert scan_bytes((TEXT % "Relu").encode(), "saved_model.pbtxt").verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    "text", ['node { calculator: "X" }', 'name: "model" platform: "x"', "item { id: 1 }", "node {"]
)
def test_other_texts_of_that_kind_are_not_taken_for_it(text: str) -> None:
    assert scan_bytes(text.encode(), "graph.pbtxt").formats == ()


@given(st.text(alphabet="{}<>:\"\\'node op#\n", max_size=80))
def test_any_text_gives_a_graph_or_an_error(text: str) -> None:
    data = b'node { op: "Relu" ' + text.encode()
    try:
        read(data)
    except SentinelError:
        pass
