"""Which names of a source are variables of a function, and so nothing from outside.

Only what Python itself decides when it compiles a function counts: parameters, and names the
function assigns without declaring them global. Names that the module assigns may still mean the
built-in function at the time they are used.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

PARAMETER = "parameter"
VARIABLE = "variable"

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_INNER = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.ListComp, ast.SetComp,
    ast.DictComp, ast.GeneratorExp,
)  # fmt: skip

Bound = dict[str, str]


def local_names(tree: ast.Module) -> dict[ast.Name, str]:
    """Return the name nodes that stand for a variable of a function around them.

    Args:
        tree: A source's tree.

    Returns:
        ``PARAMETER`` for parameters that the function gives no other value, else ``VARIABLE``.
    """
    found: dict[ast.Name, str] = {}
    pending: list[tuple[ast.AST, tuple[Bound, ...]]] = [(tree, ())]
    while pending:
        node, scopes = pending.pop()
        if isinstance(node, ast.Name):
            kind = next((bound[node.id] for bound in scopes if node.id in bound), "")
            if kind:
                found[node] = kind
            continue
        if isinstance(node, _Function):
            pending += [(part, scopes) for part in _outside(node)]
            body = node.body if isinstance(node.body, list) else [node.body]
            inner = (_bound(node, body), *scopes)
            pending += [(part, inner) for part in body]
            continue
        pending += [(part, scopes) for part in ast.iter_child_nodes(node)]
    return found


def _outside(node: _Function) -> Iterator[ast.AST]:
    """Yield the parts of a function that belong to the scope around it."""
    yield from node.args.defaults
    yield from (part for part in node.args.kw_defaults if part is not None)
    if not isinstance(node, ast.Lambda):
        yield from node.decorator_list


def _bound(node: _Function, body: list[ast.stmt] | list[ast.expr]) -> Bound:
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
    bound = {argument.arg: PARAMETER for argument in named}
    outer: set[str] = set()
    pending: list[ast.AST] = list(body)
    while pending:
        part = pending.pop()
        for name in _bindings(part):
            bound[name] = VARIABLE
        if isinstance(part, ast.Global | ast.Nonlocal):
            outer.update(part.names)
        if not isinstance(part, _INNER):
            pending += ast.iter_child_nodes(part)
    return {name: kind for name, kind in bound.items() if name not in outer}


def _bindings(node: ast.AST) -> list[str]:
    """Return the names that one node binds in the function it stands in."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        return [node.id]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ExceptHandler) and node.name:
        return [node.name]
    return []
