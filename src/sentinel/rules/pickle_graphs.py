"""Graphs of torch.fx in a pickle: source text that loading compiles and runs on stand-ins.

``torch.fx.GraphModule.__reduce__`` writes the forward method as source, and ``reduce_graph_module``
executes it. What the code generator writes is narrow: imports of torch, one function, assignments,
calls of torch, of submodules and of methods of values. Whatever else stands there is not its own.
Source: ``torch/fx/graph.py`` and ``torch/fx/graph_module.py`` of PyTorch 2.13.
"""

from __future__ import annotations

import ast
import re
import warnings

from ..formats.pickle.literals import elements
from ..formats.pickle.program import PickleProgram
from ..formats.pickle.resolve import arguments
from ..formats.pickle.values import Call, Container, Global, Value
from .import_index import index
from .imports import judge
from .judgement import Judgement, Standing

_LONGEST = 4_000_000
_IMPORTS = re.compile(
    r"NoneType = type\(None\)|from math import (?:inf|nan)|from torch import device"
    r"|import torch(?:\.[A-Za-z_][\w.]*)?(?: as (?:fx_pytree|pytree))?|import (?:_?operator|math)"
)
_PARTS_OF_TORCH = frozenset(
    ("nn", "functional", "special", "linalg", "fft", "ops", "fx", "utils", "sparse", "_C")
)
_INNER = {"utils": "_pytree", "fx": "_pytree", "_C": "_nn"}
_BUILTINS = frozenset(("getattr", "slice", "device", "tuple", "list", "dict", "range", "len"))
_ACTS = frozenset(("save", "load", "load_library", "read_file", "write_file"))
_TRACERS = frozenset(
    ("torch.fx._symbolic_trace", "torch.ao.quantization.fx.tracer", "transformers.utils.fx")
)
_MODULES = frozenset(("torch", "operator", "_operator", "math", "fx_pytree", "pytree"))
_PLAIN = (
    ast.Assign, ast.AnnAssign, ast.Return, ast.Expr, ast.Call, ast.Attribute, ast.Name,
    ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Slice, ast.Subscript, ast.keyword, ast.Load,
    ast.Store, ast.BinOp, ast.UnaryOp, ast.Compare, ast.operator, ast.unaryop, ast.cmpop,
    ast.Starred, ast.arguments, ast.arg, ast.Pass,
)  # fmt: skip

FOREIGN = Judgement(
    Standing.DANGEROUS,
    "execute",
    "runs the source of a graph module, which is not what torch.fx writes",
)


def of_graph(program: PickleProgram, call: Call) -> Judgement | None:
    """Return a judgement unless the source of a graph module is torch.fx's own.

    Args:
        program: The pickle.
        call: The call of ``reduce_graph_module``.
    """
    args = arguments(call)
    imports = program.fold(args[1]) if len(args) == 2 else None
    source = _source(program, args[0]) if args else None
    if not isinstance(imports, str) or source is None:
        return FOREIGN
    lines = (line.strip() for line in imports.splitlines())
    if not all(_IMPORTS.fullmatch(line) for line in lines if line):
        return FOREIGN
    return None if _is_plain(source) else FOREIGN


def _source(program: PickleProgram, body: Value) -> str | None:
    """Return the text under ``_code``; None when there is none, or another that may be run."""
    if type(body) is not Container or body.kind != "dict" or body.more:
        return None
    found = None
    items = elements(program.data, body)
    for key, value in zip(items[::2], items[1::2], strict=False):
        name = program.fold(key)
        if name is None or name == "code" or (name == "_tracer_cls" and not _traces(value)):
            return None
        if name == "_code":
            text = program.fold(value)
            if found is not None or not isinstance(text, str) or len(text) > _LONGEST:
                return None
            found = text
    return found


def _traces(value: Value) -> bool:
    return type(value) is Global and value.module in _TRACERS and value.name.endswith("Tracer")


def _is_plain(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.FunctionDef):
        return False
    function = tree.body[0]
    parts = [part for one in function.body for part in ast.walk(one)]
    parts += [part for one in function.args.defaults for part in ast.walk(one)]
    return not function.decorator_list and all(map(_part_is_plain, parts))


def _part_is_plain(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return _attribute_is_plain(node.attr)
    if isinstance(node, ast.Call):
        return _call_is_plain(node)
    return isinstance(node, _PLAIN)


def _attribute_is_plain(name: str) -> bool:
    known = index().telling(name) or index().method(name) or index().segment(name)
    return known is None and not name.startswith("__") and name not in _ACTS


def _call_is_plain(node: ast.Call) -> bool:
    if isinstance(node.func, ast.Call):  # getattr(self.layers, "0")(x)
        inner = node.func
        return isinstance(inner.func, ast.Name) and inner.func.id == "getattr"
    if isinstance(node.func, ast.Name):
        return node.func.id in _BUILTINS and (node.func.id != "getattr" or _reads_part(node))
    path: list[str] = []
    part: ast.expr = node.func
    while isinstance(part, ast.Attribute):
        path.append(part.attr)
        part = part.value
    if isinstance(part, ast.Name) and part.id in _MODULES:
        return _function_is_plain([part.id, *reversed(path)])
    return True


def _reads_part(node: ast.Call) -> bool:
    name = node.args[1] if len(node.args) == 2 and not node.keywords else None
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return False
    return _attribute_is_plain(name.value)


def _function_is_plain(path: list[str]) -> bool:
    if path[0] == "torch" and len(path) > 2 and path[1] not in _PARTS_OF_TORCH:
        return False
    if path[0] == "torch" and path[1] in _INNER and path[2:3] != [_INNER[path[1]]]:
        return False
    judged = judge(".".join(path[:-1]), path[-1])
    return judged.standing is not Standing.DANGEROUS
