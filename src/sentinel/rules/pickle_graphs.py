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
_NONE = 0x4E
_HINTS = "Any|Callable|Dict|Iterable|List|Mapping|NamedTuple|Optional|Sequence|Set|Tuple|Type|Union"
_IMPORTS = re.compile(
    r"NoneType = type\(None\)|from math import (?:inf|nan)|from torch import device"
    r"|from builtins import (getattr|slice|tuple|list|dict|range|len|int|float|bool|str|complex"
    r"|bytes) as \1"
    rf"|from typing import ({_HINTS}) as typing_\2"
    r"|import torch(?:\.[A-Za-z_][\w.]*)?(?: as (?:fx_pytree|pytree))?|import (?:_?operator|math)"
)
_LEAF = re.compile(r"from ([A-Za-z_][\w.]*) import (\w+) as (\w+)")
_PARTS_OF_TORCH = frozenset(
    ("nn", "functional", "special", "linalg", "fft", "ops", "fx", "utils", "sparse", "_C")
)
_INNER = {"utils": "_pytree", "fx": "_pytree", "_C": "_nn"}
_BUILTINS = frozenset(("getattr", "slice", "device", "tuple", "list", "dict", "range", "len"))
_ACTS = frozenset(("save", "load", "load_library", "read_file", "write_file"))
_TRACERS = frozenset(
    ("torch.fx._symbolic_trace", "torch.ao.quantization.fx.tracer", "transformers.utils.fx")
)
_VALUES = frozenset(("inf", "nan", "NoneType", "Ellipsis"))
_TYPES = frozenset(("int", "float", "bool", "str", "complex", "bytes", "tuple", "list", "dict"))
_TYPES |= {f"typing_{name}" for name in _HINTS.split("|")} | {"device"}
_CONSTANT = re.compile(
    r"math\.(?:pi|e|tau|inf|nan)|torch\.(?:Tensor|Size|Generator|device|dtype|layout"
    r"|memory_format|qscheme|b?float\w*|u?int[0-9]*|qu?int[0-9x]+|complex\w*|c?half|c?double|cfloat"
    r"|long|short|bool|strided|sparse_\w+|jagged|\w+_format|channels_last\w*|per_\w+"
    r"|nn\.modules\.\w+\.[A-Z]\w*)"
)
_MODULES = frozenset(("torch", "operator", "_operator", "math", "fx_pytree", "pytree"))
_PLAIN = (
    ast.Assign, ast.AnnAssign, ast.Return, ast.Expr, ast.Call, ast.Attribute, ast.Name,
    ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Slice, ast.Subscript, ast.keyword, ast.Load,
    ast.Store, ast.BinOp, ast.UnaryOp, ast.Compare, ast.operator, ast.unaryop, ast.cmpop,
    ast.Starred, ast.arguments, ast.arg, ast.Pass, ast.AugAssign,
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
    leaves: set[str] = set()
    for line in filter(None, map(str.strip, imports.splitlines())):
        if not _IMPORTS.fullmatch(line):
            leaf = _leaf(line)
            if leaf is None:
                return FOREIGN
            leaves.add(leaf)
    return None if _is_plain(source, frozenset(leaves)) else FOREIGN


def _leaf(line: str) -> str | None:
    """Return the alias of a harmless function that tracing did not look into (``fx.wrap``)."""
    found = _LEAF.fullmatch(line)
    if found is None:
        return None
    module, name, alias = found.groups()
    judged = judge(module, name)
    safe = judged.standing is Standing.SAFE and not judged.capability
    return alias if safe and alias == f"{module.replace('.', '_')}_{name}" else None


def _source(program: PickleProgram, body: Value) -> str | None:
    """Return the text under ``_code``; None when there is none, or another that may be run."""
    if type(body) is not Container or body.kind != "dict" or body.more:
        return None
    found = None
    items = elements(program.data, body)
    for key, value in zip(items[::2], items[1::2], strict=False):
        name = program.fold(key)
        if name is None or name == "code":
            return None
        if name == "_tracer_cls" and not (_traces(value) or _is_none(program, value)):
            return None
        if name == "_code":
            text = program.fold(value)
            if found is not None or not isinstance(text, str) or len(text) > _LONGEST:
                return None
            found = text
    return found


def _is_none(program: PickleProgram, value: Value) -> bool:
    """Return True for None: a graph that was built by hand, to be traced by torch's own tracer."""
    return type(value) is int and program.data[value] == _NONE


def _traces(value: Value) -> bool:
    return type(value) is Global and value.module in _TRACERS and value.name.endswith("Tracer")


def _is_plain(source: str, leaves: frozenset[str] = frozenset()) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    *wraps, function = tree.body or [ast.Pass()]
    marks = {f"torch.fx._symbolic_trace.wrap('{leaf}')" for leaf in leaves}
    if not isinstance(function, ast.FunctionDef) or not {*map(ast.unparse, wraps)} <= marks:
        return False
    # Annotations and defaults are evaluated when the function is defined, before any call.
    parts = [part for child in ast.iter_child_nodes(function) for part in ast.walk(child)]
    if function.decorator_list or not all(_part_is_plain(part, leaves) for part in parts):
        return False
    return _names_are_plain(parts, leaves) and not _hints_have_text(parts, function.returns)


def _part_is_plain(node: ast.AST, leaves: frozenset[str]) -> bool:
    if isinstance(node, ast.Attribute):
        return isinstance(node.ctx, ast.Load) and _attribute_is_plain(node.attr)
    if isinstance(node, ast.Call):
        return _call_is_plain(node, leaves)
    return isinstance(node, _PLAIN)


def _names_are_plain(parts: list[ast.AST], leaves: frozenset[str]) -> bool:
    """Return False where a builtin or a module is taken without being called or looked into."""
    own = {part.arg for part in parts if isinstance(part, ast.arg)}
    own |= {p.id for p in parts if isinstance(p, ast.Name) and not isinstance(p.ctx, ast.Load)}
    callables = _BUILTINS | leaves
    if own & (_MODULES | callables):
        return False
    called = {id(part.func) for part in parts if isinstance(part, ast.Call)}
    inner = {id(part.value) for part in parts if isinstance(part, ast.Attribute)}
    for part in parts:
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            known = part.id in own or part.id in _VALUES or part.id in _TYPES
            if part.id in _MODULES and id(part) in inner:
                known = True
            if not known and not (part.id in callables and id(part) in called):
                return False
        if isinstance(part, ast.Attribute) and id(part) not in called and id(part) not in inner:
            path = _path_of(part)
            if path and path[0] in _MODULES and not _CONSTANT.fullmatch(".".join(path)):
                return False
    return True


def _path_of(node: ast.expr) -> list[str]:
    """Return the names of ``a.b.c``; none where it does not begin with a name."""
    path: list[str] = []
    while isinstance(node, ast.Attribute):
        path.append(node.attr)
        node = node.value
    return [node.id, *reversed(path)] if isinstance(node, ast.Name) else []


def _hints_have_text(parts: list[ast.AST], returns: ast.expr | None) -> bool:
    hints = [part.annotation for part in parts if isinstance(part, ast.arg | ast.AnnAssign)]
    inner = [node for hint in (*hints, returns) if hint is not None for node in ast.walk(hint)]
    return any(isinstance(node, ast.Constant) and isinstance(node.value, str) for node in inner)


def _attribute_is_plain(name: str) -> bool:
    known = index().telling(name) or index().method(name) or index().segment(name)
    return known is None and not name.startswith("__") and name not in _ACTS


def _call_is_plain(node: ast.Call, leaves: frozenset[str]) -> bool:
    if isinstance(node.func, ast.Call):  # getattr(self.layers, "0")(x)
        inner = node.func
        return isinstance(inner.func, ast.Name) and inner.func.id == "getattr"
    if isinstance(node.func, ast.Name):
        if node.func.id in leaves:
            return True
        return node.func.id in _BUILTINS and (node.func.id != "getattr" or _reads_part(node))
    if not isinstance(node.func, ast.Attribute):
        return False  # an item of something, a lambda
    path = _path_of(node.func)
    return not path or path[0] not in _MODULES or _function_is_plain(path)


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
