"""Graphs of torch.fx in pickles: the source that its code generator writes, and any other."""

from __future__ import annotations

import io
import pickle
from functools import cache
from typing import Any

import pytest

from sentinel import Severity, scan_bytes

torch = pytest.importorskip("torch")

IMPORTS = "\nNoneType = type(None)\nfrom math import inf\nfrom torch import device\nimport torch\n"
FORWARD = """
def forward(self, x, y = None):
    a = self.a(x)
    b = getattr(self.b, "0")(a);  a = None
    c = torch._C._nn.gelu(b, approximate = 'tanh');  b = None
    d = c[(slice(None, None, None), slice(None, 1, None))];  c = None
    {}
    return {{'o': d, 's': torch.cat([d, d], dim = 1)}}
"""
PLAIN = "e = d.view(-1, 2)"


class Graph:
    """Pickles as a graph module does, with any source."""

    def __init__(self, line: str, imports: str = IMPORTS, **more: Any) -> None:
        self.body = {"training": True, "_code": FORWARD.format(line), **more}
        self.imports = imports

    def __reduce__(self) -> Any:
        return torch.fx.graph_module.reduce_graph_module, (self.body, self.imports)


def worst(graph: Any) -> Severity:
    report = scan_bytes(pickle.dumps(graph), "m.pkl")
    return max((finding.severity for finding in report.findings), default=Severity.INFO)


@cache
def traced() -> Any:
    layers = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Dropout(0.1), torch.nn.GELU())
    return torch.fx.symbolic_trace(layers)


def test_a_graph_that_torch_writes_is_ordinary() -> None:
    for modern in (True, False):
        file = io.BytesIO()
        torch.save(traced(), file, _use_new_zipfile_serialization=modern)
        found = scan_bytes(file.getvalue(), "m.pt").findings
        assert max(finding.severity for finding in found) <= Severity.LOW
    assert worst(Graph(PLAIN)) <= Severity.LOW


@pytest.mark.parametrize(
    "line",
    [
        "import os; os.system('x')", "e = torch.load('x')", "e = d.tofile('x')",
        "e = eval('1')", "e = d.__class__", "e = getattr(d, '__class__')", "e = lambda: 1",
        "e = torch.hub.load('a', 'b')", "e = torch.ops.load_library('x')", "e = (print)('x')",
        "e = torch._C.import_ir_module('x')", "e = torch.utils.cpp_extension.load('x')",
        "e = operator.attrgetter('x')(d)", "e = torch.save(d, 'x')", "e = [f for f in d]",
    ],
)  # fmt: skip
def test_a_graph_of_any_other_source_is_critical(line: str) -> None:
    assert worst(Graph(line)) is Severity.CRITICAL


@pytest.mark.parametrize(
    "graph",
    [
        Graph(PLAIN, "import os\n"),
        Graph(PLAIN, IMPORTS + "import acme.models\n"),
        Graph(PLAIN, code="def forward(self): pass"),
        Graph(PLAIN, _code="def forward(self): pass\nprint()"),
        Graph(PLAIN, _code=b"def forward(self): pass"),
        Graph(PLAIN, _tracer_cls=io.StringIO),
    ],
    ids=["import", "module", "other-key", "two-statements", "bytes", "tracer"],
)
def test_what_stands_around_the_source_counts(graph: Graph) -> None:
    assert worst(graph) is Severity.CRITICAL
