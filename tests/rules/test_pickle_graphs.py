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
        "e = __builtins__['eval']('1')", "e = [eval][0]('1')", "self.f = eval; e = self.f('1')",
        "e = torch.hub; f = e.list('x')", "e = torch; f = e.hub.list('x')", "e = d.map_(d, print)",
        "torch = d", "e = operator.call(torch.hub.list, 'x')", "e = getattr(torch, 'hub').list(d)",
    ],
)  # fmt: skip
def test_a_graph_of_any_other_source_is_critical(line: str) -> None:
    assert worst(Graph(line)) is Severity.CRITICAL


@pytest.mark.parametrize(
    "head",
    [
        "def forward(self, x : print('x')):", "def forward(self, x) -> print('x'):",
        "def forward(self, *x : print('x')):", "def forward(self, *, x = print('x')):",
        "def forward(self, x = print):", "def forward(self, x : 'print(1)'):",
        "@torch.jit.script\ndef forward(self, x):",
    ],
)  # fmt: skip
def test_what_defining_the_function_evaluates_is_judged_too(head: str) -> None:
    assert worst(Graph(PLAIN, _code=f"{head}\n    return x")) is Severity.CRITICAL


def test_hints_of_values_are_ordinary() -> None:
    imports = f"{IMPORTS}from typing import Tuple as typing_Tuple\n"
    head = "def forward(self, x : torch.Tensor) -> typing_Tuple[torch.Tensor, int]:"
    code = f"{head}\n    return x, 1"
    assert worst(Graph(PLAIN, imports, _code=code)) <= Severity.LOW


def test_a_graph_that_was_built_by_hand_is_ordinary() -> None:
    graph = torch.fx.Graph()
    value = graph.placeholder("x")
    size = graph.call_function(getattr, (value, "shape"))
    graph.output(graph.call_method("expand", (value, size)))
    made = torch.fx.GraphModule({}, graph)
    assert worst(made) <= Severity.LOW


LEAF = "torchvision_ops_stochastic_depth_stochastic_depth"
WRAPPED = f"""
torch.fx._symbolic_trace.wrap("{LEAF}")

def forward(self, x):
    return {LEAF}(x, 0.1, 'row', False)
"""


def test_functions_that_tracing_leaves_whole_are_judged_by_name() -> None:
    line = "from torchvision.ops.stochastic_depth import stochastic_depth as {}\n"
    assert worst(Graph(PLAIN, IMPORTS + line.format(LEAF), _code=WRAPPED)) <= Severity.LOW
    other = IMPORTS + line.format("print")
    assert worst(Graph(PLAIN, other, _code=WRAPPED)) is Severity.CRITICAL
    run = "from os import system as os_system\n"
    hostile = WRAPPED.replace(LEAF, "os_system")
    assert worst(Graph(PLAIN, IMPORTS + run, _code=hostile)) is Severity.CRITICAL
    unknown = "from acme.depth import depth as acme_depth_depth\n"
    code = WRAPPED.replace(LEAF, "acme_depth_depth")
    assert worst(Graph(PLAIN, IMPORTS + unknown, _code=code)) is Severity.CRITICAL


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
