"""ExecuTorch, PyTorch mobile and compiled models. Rules SNT1020 to SNT1026."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel import Verdict, scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import SentinelError
from sentinel.findings import Severity
from sentinel.formats import BY_NAME, load
from sentinel.formats.executorch import Program
from sentinel.formats.executorch import parse as parse_executorch
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.kit.natives import elf
from tests.kit.runtimes import NCNN, RKNN, executorch, mnn, mobile, ort, ort_node, tensorrt

REAL = Path(__file__).resolve().parents[1] / "corpus" / "real" / "ort"


def ids(data: bytes, name: str) -> dict[str, Severity]:
    return {found.rule_id: found.severity for found in scan_bytes(data, name).findings}


@pytest.mark.parametrize("extended", [False, True])
@pytest.mark.parametrize("version", [b"ET12", b"ET13"])
def test_a_program_says_what_it_calls(extended: bool, version: bytes) -> None:
    data = executorch(extended=extended, version=version)
    model: Any = parse_executorch(Artifact("m.pte", MemoryReader(data)), Budget()).model
    assert model == Program(0, ("forward",), ("aten::add.out",), ("XnnpackBackend",), ())
    report = scan_bytes(data, "anything")
    assert report.formats == ("executorch",)
    assert report.verdict is Verdict.CLEAN


def test_what_a_known_backend_gets_is_a_gap() -> None:
    report = scan_bytes(executorch(delegate="QnnBackend"), "m.pte")
    assert report.verdict is Verdict.INCOMPLETE
    assert {f.rule_id: f.severity for f in report.findings} == {"SNT1024": Severity.INFO}


def test_tensors_of_a_program_are_not_read() -> None:
    size = 30_000_000
    reader = MemoryReader(executorch(segments=((0, size),), data=bytes(size)))
    parse_executorch(Artifact("m.pte", reader), Budget())
    assert reader.stats.bytes_read < 100_000


@pytest.mark.parametrize(
    ("rule", "data", "name"),
    [
        ("SNT1023", executorch(operator="evil::run"), "m.pte"),
        ("SNT1024", executorch(delegate="MyBackend"), "m.pte"),
        ("SNT1025", executorch(call=4), "m.pte"),
        ("SNT1025", mobile(method=9), "m.ptl"),
        ("SNT1026", mobile("aten::from_file"), "m.ptl"),
        ("SNT1021", tensorrt(elf(3)), "m.engine"),
        ("SNT1020", RKNN, "m.rknn"),
        ("SNT1020", mnn(), "m.mnn"),
        ("SNT1022", NCNN.replace("ReLU", "Mine").encode(), "m.param"),
        ("SNT1022", NCNN.replace("3 3", "3 5").encode(), "m.param"),
    ],
)
def test_what_is_odd_is_told(rule: str, data: bytes, name: str) -> None:
    assert rule in ids(data, name)


def test_an_engine_is_incomplete_and_its_own_code_is_no_alarm() -> None:
    report = scan_bytes(tensorrt(metadata=b'{"stride": 32}'), "yolo.engine")
    assert report.formats == ("tensorrt",)
    assert report.verdict is Verdict.INCOMPLETE
    assert {f.rule_id: f.severity for f in report.findings} == {"SNT1020": Severity.INFO}


def test_an_ordinary_network_of_ncnn_is_clean() -> None:
    report = scan_bytes(NCNN.encode(), "model.param")
    assert report.formats == ("ncnn",)
    assert report.verdict is Verdict.CLEAN


def test_what_torch_writes_for_mobile_is_clean() -> None:
    torch: Any = pytest.importorskip("torch")

    class Small(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(3, 2)

        def forward(self, x: Any) -> Any:
            return torch.relu(self.layer(x))

    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(Small().eval(), torch.zeros(1, 3))
        raw = traced._save_to_buffer_for_lite_interpreter(_use_flatbuffer=True)
    report = scan_bytes(raw, "m.ptl")
    assert report.formats == ("torch-mobile",)
    assert report.verdict is Verdict.CLEAN
    assert report.findings == ()


@pytest.mark.parametrize("path", sorted(REAL.iterdir()), ids=lambda path: path.name)
def test_what_onnx_runtime_wrote_is_clean(path: Path) -> None:
    report = scan_bytes(path.read_bytes(), "model")
    assert report.formats == ("ort",)
    assert report.verdict is Verdict.CLEAN
    assert report.findings == ()


def test_the_graph_of_onnx_runtime_is_that_of_onnx() -> None:
    data = (REAL / "branches.ort").read_bytes()
    model: Any = load(BY_NAME["ort"].parse)(Artifact("m", MemoryReader(data)), Budget())
    main, *bodies = model.model.graphs
    assert main.inputs == ("x", "c")
    assert main.single == {"c"}
    assert [(node.op, [name for name, _ in node.graphs]) for node in main.nodes] == [
        ("If", ["then_branch", "else_branch"])
    ]
    assert [body.nodes[0].op for body in bodies] == ["Relu", "Abs"]
    assert model.model.version == 9


def test_a_graph_within_itself_ends_at_a_bound() -> None:
    data = bytearray((REAL / "branches.ort").read_bytes())
    model: Any = load(BY_NAME["ort"].parse)(Artifact("m", MemoryReader(bytes(data))), Budget())
    main, body, _ = model.model.graphs
    for at in range(0, len(data) - 4, 4):  # whatever leads to the body now leads to its parent
        if at + int.from_bytes(data[at : at + 4], "little") == body.offset:
            data[at : at + 4] = ((main.offset - at) & 0xFFFFFFFF).to_bytes(4, "little")
    assert scan_bytes(bytes(data), "m.ort").verdict is not Verdict.CLEAN


SEEDS = {
    "executorch": executorch(segments=((0, 64),), data=bytes(64)),
    "torch-mobile": mobile(source=b"class M:\n  pass\n"),
    "ort": ort(ort_node("Act", "x w", "y", "a.b", mode="c"), props=(("a", "b"),)),
    "tensorrt": tensorrt(elf(3)), "rknn": RKNN, "mnn": mnn(), "ncnn": NCNN.encode(),
}  # fmt: skip


def run(name: str, data: bytes) -> None:
    try:
        parsed: Any = load(BY_NAME[name].parse)(Artifact("m", MemoryReader(data)), Budget())
        for member in parsed.members:
            member.open()
    except SentinelError:
        pass


@pytest.mark.parametrize("name", SEEDS)
def test_every_truncation_ends_in_facts_or_an_error_of_ours(name: str) -> None:
    for end in range(len(SEEDS[name])):
        run(name, SEEDS[name][:end])


@pytest.mark.parametrize("name", ["executorch", "torch-mobile", "mnn", "ort"])
@pytest.mark.parametrize("value", [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_every_offset_may_be_wrong(name: str, value: int) -> None:
    data = SEEDS[name]
    for at in range(0, len(data) - 4, 4):
        run(name, data[:at] + value.to_bytes(4, "little") + data[at + 4 :])


@settings(deadline=None)
@given(st.sampled_from(sorted(SEEDS)), st.integers(0, 900), st.binary(max_size=8))
def test_any_damage_ends_in_facts_or_an_error_of_ours(name: str, at: int, patch: bytes) -> None:
    data = SEEDS[name]
    run(name, data[:at] + patch + data[at + len(patch) :])


def test_streams_are_bounded() -> None:
    lines = "7767517\n1000000 1000000\n" + "ReLU a 1 1 b c\n" * 100_000
    assert "SNT1022" in ids(lines.encode(), "m.param")
    assert ids(io.BytesIO(b"7767517\n3").getvalue(), "m.param") == {}
