"""Reads one function: its parameters, and what of them flows into each of its calls."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from .facts import CallFact, Class, Function, ModuleFacts, imported

_BUILTINS = frozenset(dir(builtins)) | {"unicode", "file", "execfile", "reload"}
_WASHES = frozenset(
    f"builtins.{name}"
    for name in "len isinstance issubclass bool int float id hash callable hasattr type".split()  # noqa: SIM905
)
_ROUNDS = 3
_STORES = frozenset(("append", "extend", "insert", "add", "update", "setdefault"))


class Reader:
    """Reads one function."""

    def __init__(self, facts: ModuleFacts, owner: Class | None) -> None:
        self.facts = facts
        self.owner = owner
        self.taints: dict[str, int] = {}
        self.paths: dict[str, str] = {}
        self.params: dict[str, int] = {}
        self.local: set[str] = set()
        self.this = ""

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, qualname: str) -> Function:
        """Return the facts of a function."""
        made = self._signature(node, qualname)
        self.params = {name: 1 << place for place, name in enumerate(made.params)}
        self.taints = dict(self.params)
        nodes = [inner for statement in node.body for inner in ast.walk(statement)]
        self._scope(nodes)
        for _ in range(_ROUNDS):
            before = sum(self.taints.values())
            for inner in nodes:
                self._flow(inner)
            if sum(self.taints.values()) == before:
                break
        for inner in nodes:
            if isinstance(inner, ast.Call):
                made.calls.extend(self._call(inner))
            elif isinstance(inner, ast.Subscript) and self.path(inner.value) == "sys.modules":
                mask = self.taint(inner.slice)
                if mask:
                    made.calls.append(CallFact("sys.modules[]", (mask,), {}, 0, 0))
        return made

    def _signature(self, node: ast.FunctionDef | ast.AsyncFunctionDef, qualname: str) -> Function:
        given = node.args
        names = [one.arg for one in (*given.posonlyargs, *given.args)]
        positional = len(names)
        names += [one.arg for one in given.kwonlyargs]
        vararg = kwarg = -1
        if given.vararg:
            vararg = len(names)
            names.append(given.vararg.arg)
        if given.kwarg:
            kwarg = len(names)
            names.append(given.kwarg.arg)
        marks = {ast.unparse(mark) for mark in node.decorator_list}
        static = self.owner is not None and "staticmethod" in marks
        if self.owner is not None and not static and names:
            self.this = names[0]
        owner = self.owner.qualname if self.owner is not None else ""
        return Function(self.facts.name, qualname, names, positional, vararg, kwarg, owner, static)

    def _scope(self, nodes: list[ast.AST]) -> None:
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                self.paths.update(imported(node, self.facts))
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.local.add(node.id)
        for node in nodes:
            if isinstance(node, ast.Assign):
                self._construct(node)
            elif isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
                made = self.path(node.context_expr)
                if made:
                    self.paths.setdefault(node.optional_vars.id, made)

    def _construct(self, node: ast.Assign) -> None:
        made = self.path(node.value)
        for one in node.targets if made else ():
            if isinstance(one, ast.Name) and one.id not in self.params:
                self.paths.setdefault(one.id, made)
            elif self.owner is not None and self._is_this(one):
                self.owner.attributes.setdefault(one.attr, made)  # type: ignore[attr-defined]

    def _is_this(self, node: ast.expr) -> bool:
        return (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == self.this
            and bool(self.this)
        )

    def _flow(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            mask = self.taint(node.value)
            for one in node.targets:
                self._mark(one, mask)
        elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.NamedExpr):
            if node.value is not None:
                self._mark(node.target, self.taint(node.value))
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            self._mark(node.target, self.taint(node.iter))
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self._mark(node.optional_vars, self.taint(node.context_expr))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            for one in node.args if node.func.attr in _STORES else ():
                self._mark(node.func.value, self.taint(one))

    def _mark(self, target: ast.expr, mask: int) -> None:
        if not mask:
            return
        if isinstance(target, ast.Name):
            self.taints[target.id] = self.taints.get(target.id, 0) | mask
        elif isinstance(target, ast.Tuple | ast.List):
            for one in target.elts:
                self._mark(one, mask)
        elif isinstance(target, ast.Attribute | ast.Subscript | ast.Starred):
            self._mark(target.value, mask)

    def taint(self, node: ast.AST | None) -> int:
        """Return the parameters that an expression depends on."""
        if node is None or isinstance(node, ast.Constant | ast.Compare | ast.Lambda):
            return 0
        if isinstance(node, ast.Name):
            return self.taints.get(node.id, 0)
        if isinstance(node, ast.Attribute | ast.Starred | ast.Await | ast.FormattedValue):
            return self.taint(node.value)
        if isinstance(node, ast.IfExp):
            return self.taint(node.body) | self.taint(node.orelse)
        if isinstance(node, ast.Call) and self.path(node.func) in _WASHES:
            return 0
        mask = 0
        for child in ast.iter_child_nodes(node):
            mask |= self.taint(child)
        return mask

    def path(self, node: ast.AST | None) -> str:
        """Return the dotted path that an expression names, or an empty string."""
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.Attribute):
            if self._is_this(node):
                return f"self:{node.attr}"
            base = self.path(node.value)
            return f"{base}.{node.attr}" if base else ""
        if isinstance(node, ast.Call):
            func = node.func
            if isinstance(func, ast.Name) and func.id == "super":
                return "super:"
            made = self.path(func)
            if made == "functools.partial" and node.args:
                return self.path(node.args[0])
            return f"{made}()" if made and not made.endswith(")") else ""
        if isinstance(node, ast.IfExp):
            return self.path(node.body) or self.path(node.orelse)
        if isinstance(node, ast.BoolOp):
            return next(filter(None, map(self.path, node.values)), "")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            # A path of pathlib stays one when something is joined to it.
            left = self.path(node.left)
            return left if left.startswith("pathlib.") else ""
        return ""

    def _name(self, name: str) -> str:
        if name in self.paths:
            return self.paths[name]
        if name in self.params or name in self.local:
            return ""
        if name in self.facts.names:
            return self.facts.names[name]
        if name in self.facts.defined:
            return f"{self.facts.name}.{name}"
        return f"builtins.{name}" if name in _BUILTINS else ""

    def _call(self, node: ast.Call) -> Iterator[CallFact]:
        owner = self.taint(node.func.value) if isinstance(node.func, ast.Attribute) else 0
        args, spread = [], 0
        for one in node.args:
            if isinstance(one, ast.Starred):
                spread |= self.taint(one.value)
            else:
                args.append(self.taint(one))
        keywords = {one.arg: self.taint(one.value) for one in node.keywords if one.arg}
        for one in node.keywords:
            if one.arg is None:
                spread |= self.taint(one.value)
        if not (owner or spread or any(args) or any(keywords.values())):
            return
        for target in self._callees(node):
            yield CallFact(target, tuple(args), keywords, spread, owner)
        yield from self._handed_over(node)

    def _callees(self, node: ast.Call) -> Iterator[str]:
        path = self.path(node.func)
        if path == "builtins.getattr" and len(node.args) >= 2:
            yield "builtins.getattr"
        elif path.startswith("yaml.load") and "SafeLoader" in ast.unparse(node):
            return
        elif path:
            yield path
        elif isinstance(node.func, ast.Attribute):
            yield f"?.{node.func.attr}"
        elif isinstance(node.func, ast.Name) and node.func.id in self.params:
            yield "!"
        elif isinstance(node.func, ast.Call) and self.path(node.func.func) == "builtins.getattr":
            yield "?.()"

    def _handed_over(self, node: ast.Call) -> Iterator[CallFact]:
        """Yield calls of functions that are passed to another call (``run(open, path)``)."""
        rest = 0
        for one in node.args:
            rest |= self.taint(one)
        if not rest or self.path(node.func) in _WASHES:
            return
        for one in node.args:
            if isinstance(one, ast.Attribute | ast.Name):
                path = self.path(one)
                if path and not path.endswith(")") and not path.startswith(("self:", "super:")):
                    yield CallFact(path, (), {}, rest, 0)
