"""TorchScript code: what is named in it, however it is spelled."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from sentinel.findings import Severity, Verdict
from sentinel.formats.torchscript import TorchScriptCode, Use, parse, read_code
from sentinel.formats.torchscript_tokens import tokens, unquote
from sentinel.limits import Budget, Limits
from tests.formats.torch_kit import ids, parsed, rewritten, scan, scripted

OF_CODE = {f"SNT{number}" for number in range(1410, 1420)}


def code(text: str) -> TorchScriptCode:
    return read_code(text, Budget())


def body(*lines: str) -> str:
    return (
        "class M(Module):\n  def forward(self: M,\n    x: Tensor, p: str) -> Tensor:\n"
        + "".join(f"    {line}\n" for line in lines)
    )


def names(uses: tuple[Use, ...]) -> set[str]:
    return {use.name for use in uses}


@pytest.mark.parametrize(
    "lines",
    [
        ['y = torch.from_file("f", False, 3)'],
        ['y = ops.aten.from_file("f", False, 3)'],
        ["f = torch.from_file", 'y = f("f", False, 3)'],
        ["t = torch", 'y = t.from_file("f", False)'],
        ["o = (ops)", "a = o.aten", 'y = a.from_file("f")'],
        ['y = (torch).from_file("f")'],
        ['y = ((ops).aten).from_file("f")'],
        ['return (torch).from_file("f")'],
        ['y = getattr(torch, "from_file")("f")'],
        ['g = getattr(torch, "from\\x5ffile")', 'y = g("f")'],
        ['y = getattr(getattr(ops, "aten"), "from_file")("f")'],
        ['y = torch . from_file ("f")'],
        ["y = torch.  # a remark", '  from_file("f")'],
        ["y = torch\\", '.from_file("f")'],
        ['y = [torch.from_file("f")][0]'],
        ['y = torch.add(x, torch.from_file("f"))'],
        ["if torch.from_file:", "  pass"],
    ],
)
def test_an_operator_is_found_however_it_is_spelled(lines: list[str]) -> None:
    found = names(code(body(*lines)).operators)
    assert found & {"torch.from_file", "ops.aten.from_file"}
    report = scan(rewritten(scripted(nn.ReLU()), {"code/__torch__/evil.py": body(*lines).encode()}))
    assert "SNT1410" in ids(report, Severity.HIGH)


@pytest.mark.parametrize(
    "line",
    ['y = p.from_file(False)', '"f".from_file(False)', 'x.save("f")', '(self.p).from_file()',
     'torch.relu(x).save("f")', 'self.save(x)'],
)  # fmt: skip
def test_an_operator_called_as_a_method_is_medium(line: str) -> None:
    report = scan(rewritten(scripted(nn.ReLU()), {"code/__torch__/evil.py": body(line).encode()}))
    found = [one for one in report.findings if one.rule_id == "SNT1410"]
    assert [one.severity for one in found] == [Severity.MEDIUM]


class SavesItself(nn.Module):
    def save(self, x: torch.Tensor) -> torch.Tensor:
        return x

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.save(x)


def test_a_method_of_the_class_itself_is_not() -> None:
    assert "SNT1410" not in ids(scan(scripted(SavesItself())), Severity.INFO)


class ReadsFile(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + torch.from_file("sentinel-marker", False, 3)


class WritesFile(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.save(x, "sentinel-marker")
        return x


@pytest.mark.parametrize(
    ("module", "does"), [(ReadsFile, "maps a file"), (WritesFile, "writes a file")]
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_real_scripted_modules_that_open_files(module: type[nn.Module], does: str) -> None:
    report = scan(scripted(module()))
    (found,) = [one for one in report.findings if one.rule_id == "SNT1410"]
    assert found.severity is Severity.HIGH
    assert does in found.message
    assert "sentinel-marker" in found.evidence


@pytest.mark.parametrize(
    ("line", "rule", "least"),
    [
        ('torch.ops.load_library("evil.so")', "SNT1411", Severity.HIGH),
        ('torch.classes.load_library("evil.so")', "SNT1411", Severity.HIGH),
        ('y = torch.load("x")', "SNT1411", Severity.HIGH),
        ('y = torch.jit.load("x")', "SNT1411", Severity.HIGH),
        ("y = ops.prim.PythonOp(x)", "SNT1411", Severity.HIGH),
        ("f = ops.prim.rpc_async()", "SNT1412", Severity.HIGH),
        ("y = torch.distributed.rpc.rpc_sync(p)", "SNT1412", Severity.HIGH),
        ("y = ops.c10d.send([x], 0)", "SNT1412", Severity.MEDIUM),
        ("y = ops.evil.run(x)", "SNT1413", Severity.MEDIUM),
        ("y = __torch__.torch.classes.evil.Runner()", "SNT1413", Severity.MEDIUM),
        ("y = ops.torchvision.nms(x, x, 0.5)", "SNT1413", Severity.INFO),
        ("y = torch.no_such_operator(x)", "SNT1414", Severity.MEDIUM),
        ("y = ops.debugprims.load_tensor(p)", "SNT1410", Severity.HIGH),
        ('exec("x")', "SNT1415", Severity.HIGH),
        ('y = __import__("os")', "SNT1415", Severity.HIGH),
        ("import os", "SNT1415", Severity.MEDIUM),
        ("from os import system", "SNT1415", Severity.MEDIUM),
    ],
)
def test_each_rule_has_its_case(line: str, rule: str, least: Severity) -> None:
    base = scripted(nn.Linear(2, 2))
    report = scan(rewritten(base, {"code/__torch__/evil.py": body(line).encode()}))
    found = [one for one in report.findings if one.rule_id == rule]
    assert [one.severity for one in found] == [least]
    assert found[0].location.line
    assert rule not in ids(scan(base), Severity.INFO)


def _modules() -> Iterator[tuple[str, nn.Module]]:
    arguments: list[tuple[Any, ...]] = [(), (4,), (4, 4), (4, 4, 3), (4, 2, 2), ([4],)]
    for name, kind in vars(nn).items():
        if inspect.isclass(kind) and issubclass(kind, nn.Module):
            for given_ in arguments:
                try:
                    yield name, kind(*given_)
                except (TypeError, ValueError, AssertionError):
                    continue
                break


@pytest.mark.filterwarnings("ignore")
def test_ordinary_scripted_modules_say_nothing() -> None:
    tried = 0
    for name, module in _modules():
        try:
            data = scripted(module)
        except Exception:
            continue  # not scriptable
        tried += 1
        found = {one.rule_id for one in scan(data).findings}
        assert not found & OF_CODE, name
    assert tried > 100


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 8), 1)
        self.memory = nn.LSTM(8, 8, bidirectional=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.features(x).flatten(2).permute(2, 0, 1)
        y, _ = self.memory(self.encoder(y))
        if y.size(0) > 100:
            raise ValueError("too long: " + str(y.size(0)))
        return torch.softmax(y.mean(0), -1)


@pytest.mark.filterwarnings("ignore")
def test_whole_networks_say_nothing_scripted_traced_and_frozen() -> None:
    network = Network().eval()
    image = torch.zeros(1, 3, 8, 8)
    frozen = torch.jit.freeze(torch.jit.script(network))
    for data in (scripted(network), scripted(network, image), scripted(frozen)):
        report = scan(data)
        assert not {one.rule_id for one in report.findings} & OF_CODE
        assert report.verdict is Verdict.CLEAN
        assert not ids(report, Severity.LOW)


@pytest.mark.filterwarnings("ignore")
def test_quantised_networks_say_nothing() -> None:
    model = torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.Linear(3, 4)), {nn.Linear})
    assert not {one.rule_id for one in scan(scripted(model)).findings} & OF_CODE


def test_more_names_than_are_kept_is_a_gap_and_keeps_what_was_seen() -> None:
    text = 'torch.from_file("f")\n' + "".join(f"torch.f{index}()\n" for index in range(30_000))
    found = parsed(parse, text.encode())
    assert found.gaps
    assert isinstance(found.model, TorchScriptCode)
    assert "torch.from_file" in names(found.model.operators)


@pytest.mark.parametrize(
    "text",
    ["getattr(" * 2_000, "(" * 2_000 + "a" + ").b" * 2_000, "a." * 5_000, "x = (" * 2_000,
     "a = b\nb = a\na.c()\n"],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_text_that_is_nested_or_circular_is_read(text: str) -> None:
    assert not code(text + '\ntorch.from_file("f")').cut


def test_more_tokens_than_are_kept_is_a_gap() -> None:
    assert parsed(parse, b"(" * 1_000_001).gaps


def test_longer_text_than_is_read_is_a_gap() -> None:
    from sentinel.artifacts import Artifact
    from sentinel.readers import MemoryReader

    artifact = Artifact("x", MemoryReader(b"torch.add(x)\n" * 1000))
    found = parse(artifact, Budget(Limits(max_text=100)))
    assert [gap.reason for gap in found.gaps] == ["limit"]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="torch.ops(){}[]\"'\\\n #=_,getattrfrom_fileé\x00", max_size=200))
def test_any_text_is_read(text: str) -> None:
    code(text)
    for token in tokens(text):
        if token.kind == "string":
            unquote(token.text)


@given(st.text(max_size=40).filter(lambda text: "\\" not in text and "'" not in text))
def test_strings_keep_their_text(text: str) -> None:
    line = text.replace("\n", " ").replace("\r", " ")
    found = [token for token in tokens(f"f('{line}')") if token.kind == "string"]
    assert [unquote(token.text) for token in found] == [line]
