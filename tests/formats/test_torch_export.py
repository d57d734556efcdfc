"""Exported programs: targets, size expressions and guards that loading would resolve or run."""

from __future__ import annotations

import io
import json
import re
import warnings
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from sentinel.errors import SentinelError
from sentinel.findings import Severity, Verdict
from sentinel.formats import torch as torch_format
from sentinel.formats.torch_export import ExportedProgram, parse
from sentinel.formats.torch_model import TorchArchive
from tests.formats.torch_kit import PAYLOAD, ids, members, parsed, rewritten, scan


class Branches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.layer(x) + x.shape[0] // 2 + torch.sym_max(x.shape[0], 3)
        with torch.no_grad():
            y = y + 1
        return torch.cond(y.sum() > 0, lambda a: a + 1, lambda a: a - 1, (y,))


@pytest.fixture(scope="module")
def exported() -> bytes:
    torch.manual_seed(7)  # a weight may begin like a pickle, and is then looked into
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        batch = torch.export.Dim("batch", min=4, max=100)
        program = torch.export.export(
            Branches(), (torch.zeros(6, 5, 4),), dynamic_shapes=({0: batch},)
        )
        torch.export.save(program, buffer)
    return buffer.getvalue()


def changed(data: bytes, edit: Any) -> bytes:
    graph = json.loads(members(data)["models/model.json"])
    edit(graph)
    return rewritten(data, {"models/model.json": json.dumps(graph).encode()})


def with_target(data: bytes, target: str) -> bytes:
    def edit(graph: dict[str, Any]) -> None:
        graph["graph_module"]["graph"]["nodes"][0]["target"] = target

    return changed(data, edit)


def with_expression(data: bytes, expression: str) -> bytes:
    text = members(data)["models/model.json"].decode()
    quoted = json.dumps(expression)
    new, count = re.subn(
        r'"expr_str": "(?:[^"\\]|\\.)*"', lambda _: f'"expr_str": {quoted}', text, count=1
    )
    assert count == 1
    return rewritten(data, {"models/model.json": new.encode()})


def with_guard(data: bytes, guard: str) -> bytes:
    def edit(graph: dict[str, Any]) -> None:
        graph["guards_code"] = [guard]

    return changed(data, edit)


def test_an_ordinary_program_is_clean(exported: bytes) -> None:
    report = scan(exported, "model.pt2")
    assert report.verdict is Verdict.CLEAN
    assert not ids(report, Severity.LOW)


def test_its_text_is_found(exported: bytes) -> None:
    model = parsed(parse, members(exported)["models/model.json"]).model
    assert isinstance(model, ExportedProgram)
    assert "torch.ops.aten.linear.default" in model.targets
    assert model.expressions


@pytest.mark.parametrize(
    "target",
    [
        "torch.os.system", "torch.serialization.os.system", "torch.hub.load", "torch.load",
        "os.system", "builtins.eval",
        "torch.utils.cpp_extension.load", "torch.ops.load_library", "torch.ops.aten.from_file.out",
        "_operator.__builtins__.eval", "math.__loader__.load_module", "torch.__builtins__",
    ],
)  # fmt: skip
def test_targets_that_leave_the_operators(exported: bytes, target: str) -> None:
    assert "SNT1161" in ids(scan(with_target(exported, target), "model.pt2"), Severity.HIGH)


@pytest.mark.parametrize(
    "target",
    ["torch.ops.aten.add.Tensor", "_operator.floordiv", "math.trunc", "torch.sym_float",
     "torch.ops.torchvision.nms.default", "_operator.__add__", "torch.ops.higher_order.cond"],
)  # fmt: skip
def test_targets_that_programs_have(exported: bytes, target: str) -> None:
    report = scan(with_target(exported, target), "model.pt2")
    assert not ids(report, Severity.LOW)


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('echo sentinel-marker')", "eval('1')", "s0.__class__",
        "().__class__.__base__.__subclasses__()", "[x for x in s0]", "(lambda: 1)()", "s0[0]",
        "exec", "open('x')", "getattr(s0, 'x')", "S('a(1)')", "f'{s0}'", "not python (",
    ],
)  # fmt: skip
def test_expressions_that_are_code(exported: bytes, expression: str) -> None:
    found = scan(with_expression(exported, expression), "model.pt2")
    assert "SNT1162" in ids(found, Severity.CRITICAL)


@pytest.mark.parametrize(
    "expression",
    ["s0", "2*s0 + 1", "Mod(s0, 2)", "Max(Integer(3), Symbol('s77', positive=True, integer=True))",
     "FloorDiv(s0 - 1, 8)", "Eq(u0, 1) & (u0 > 0)", "Float('3.5', precision=53)", "-s0**2"],
)  # fmt: skip
def test_expressions_that_are_arithmetic(exported: bytes, expression: str) -> None:
    assert not ids(scan(with_expression(exported, expression), "model.pt2"), Severity.LOW)


@pytest.mark.parametrize(
    "guard",
    ["__import__('os').system('echo sentinel-marker')", "L['x'].__class__.__mro__", "eval('1')",
     "[].append(exec('x'))"],
)  # fmt: skip
def test_guards_that_do_more(exported: bytes, guard: str) -> None:
    assert "SNT1163" in ids(scan(with_guard(exported, guard), "model.pt2"), Severity.HIGH)


@pytest.mark.parametrize(
    "guard", ["L['x'].size()[0] >= 2", "x.shape[0] % 8 == 0", "str(L['y']) == 'a'", "True"]
)
def test_guards_that_compare(exported: bytes, guard: str) -> None:
    assert not ids(scan(with_guard(exported, guard), "model.pt2"), Severity.LOW)


def test_guards_that_are_not_python(exported: bytes) -> None:
    report = scan(with_guard(exported, "if ("), "model.pt2")
    assert "SNT1163" in ids(report)
    assert report.coverage.gaps


def weights(data: bytes) -> set[str]:
    model = parsed(torch_format.parse, data).model
    assert isinstance(model, TorchArchive)
    return {found.name.partition("/")[2] for found in model.proven}


def test_raw_weights_are_proven_by_their_configuration(exported: bytes) -> None:
    assert weights(exported) == {"data/weights/weight_0", "data/weights/weight_1"}


def with_weights(data: bytes, **change: Any) -> bytes:
    name = "data/weights/model_weights_config.json"
    config = json.loads(members(data)[name])
    config["config"]["layer.weight"].update(change)
    return rewritten(data, {name: json.dumps(config).encode()})


@pytest.mark.parametrize(
    "change",
    [
        {"use_pickle": True}, {"use_pickle": None}, {"path_name": "weight_9"},
        {"path_name": "../models/model.json"}, {"tensor_meta": None}, {"tensor_meta": {}},
        {"tensor_meta": {"dtype": 7, "sizes": [{"as_int": 1000}]}},
        {"tensor_meta": {"dtype": 99, "sizes": []}}, {"tensor_meta": {"dtype": 7, "sizes": [4]}},
        {"tensor_meta": {"dtype": 7, "sizes": [{"as_int": -4}]}},
    ],
    ids=str,
)  # fmt: skip
def test_weights_that_are_described_otherwise_are_not(
    exported: bytes, change: dict[str, Any]
) -> None:
    config = json.loads(members(exported)["data/weights/model_weights_config.json"])
    name = "data/weights/" + config["config"]["layer.weight"]["path_name"]
    assert name not in weights(with_weights(exported, **change))


def test_a_payload_in_place_of_a_weight(exported: bytes) -> None:
    inner = b"\x80\x02" + PAYLOAD
    data = rewritten(exported, {"data/weights/weight_0": inner + bytes(64)})
    assert "SNT1101" in ids(scan(data, "model.pt2"))
    pickled = with_weights(rewritten(exported, {"data/weights/weight_0": PAYLOAD}), use_pickle=True)
    assert "SNT1101" in ids(scan(pickled, "model.pt2"))
    opaque = rewritten(exported, {"data/constants/opaque_obj_0": PAYLOAD})
    assert "SNT1101" in ids(scan(opaque, "model.pt2"))


def test_keys_written_with_escapes_are_keys(exported: bytes) -> None:
    text = members(with_target(exported, "torch.os.system"))["models/model.json"]
    escaped = text.replace(b'"target"', b'"\\u0074arget"')
    report = scan(rewritten(exported, {"models/model.json": escaped}), "model.pt2")
    assert "SNT1161" in ids(report)


def test_broken_graphs_are_never_clean(exported: bytes) -> None:
    for text in (b"{", b"[" * 100_000, b"\xff\xfe", b'{"a": NaN'):
        report = scan(rewritten(exported, {"models/model.json": text}), "model.pt2")
        assert report.verdict is not Verdict.CLEAN


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes(data: bytes) -> None:
    try:
        parsed(parse, data)
    except SentinelError:
        pass
