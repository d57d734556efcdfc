"""What operators do, by their names."""

from __future__ import annotations

import pytest

from sentinel.rules.torch_operators import Kind, judge_operator, judge_schema_name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("torch.add", Kind.ORDINARY),
        ("torch.__isnot__", Kind.ORDINARY),
        ("ops.prim.RaiseException", Kind.ORDINARY),
        ("ops.quantized.linear_dynamic", Kind.ORDINARY),
        ("__torch__.torch.nn.modules.conv.Conv2d", Kind.ORDINARY),
        ("__torch__.torch.classes.quantized.Conv2dPackedParamsBase", Kind.ORDINARY),
        ("torch.from_file", Kind.FILE),
        ("ops.aten.from_file.out", Kind.FILE),
        ("torch.ops.aten.save", Kind.FILE),
        ("aten.save", Kind.FILE),
        ("torch.load", Kind.LOADS),
        ("torch.hub.load_state_dict_from_url", Kind.LOADS),
        ("ops.load_library", Kind.LOADS),
        ("torch.ops.load_library", Kind.LOADS),
        ("ops.prim.IgnoredPythonOp", Kind.LOADS),
        ("ops.prim.rpc_remote", Kind.RPC),
        ("torch.distributed.rpc.rpc_async", Kind.RPC),
        ("ops._c10d_functional.all_reduce", Kind.COLLECTIVE),
        ("__torch__.torch.classes.c10d.ProcessGroup", Kind.COLLECTIVE),
        ("ops.torchvision.nms", Kind.KNOWN_LIBRARY),
        ("__torch__.torch.classes.tensorrt.Engine", Kind.KNOWN_LIBRARY),
        ("ops.torchvision_evil.nms", Kind.CUSTOM),
        ("ops.mine.run", Kind.CUSTOM),
        ("torch.classes.mine.Runner", Kind.CUSTOM),
        ("torch.adds", Kind.UNKNOWN),
        ("ops.aten.no_such", Kind.UNKNOWN),
    ],
)
def test_kinds(name: str, kind: Kind) -> None:
    assert judge_operator(name).kind is kind


@pytest.mark.parametrize("name", ["", ".", "torch", "ops", "ops.", "torch.", "torch..", "é.\ud800"])
def test_any_name_has_a_kind(name: str) -> None:
    assert judge_operator(name).kind in Kind


def test_names_as_registered() -> None:
    assert judge_schema_name("aten::from_file").kind is Kind.FILE
    assert judge_schema_name("aten::add.Tensor").kind is Kind.ORDINARY
    assert judge_schema_name("nonsense").kind is Kind.CUSTOM


def test_a_name_cannot_be_part_of_another_line_of_the_table() -> None:
    assert judge_operator("torch.add\naten::sub").kind is Kind.UNKNOWN
