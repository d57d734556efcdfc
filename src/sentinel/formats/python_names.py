"""Follows names in a syntax tree to the modules they come from."""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Callable

from .python_scopes import PARAMETER, local_names

Fold = Callable[[ast.AST], str | bytes | None]

_BUILTINS = frozenset(dir(builtins))
_DEPTH = 32
_CANDIDATES = 8
_LONGEST = 400
_PASSES = 4
_STARS = 4
_IMPORTERS = frozenset(("builtins.__import__", "importlib.import_module", "importlib.__import__"))
_GETTERS = frozenset(("builtins.getattr", "inspect.getattr_static"))
_ATTRIBUTES = frozenset(("operator.attrgetter",))
_CALLERS = frozenset(("operator.methodcaller",))
_SHELL = "IPython.get_ipython"
_LIBRARIES = frozenset(
    ("ctypes.CDLL", "ctypes.PyDLL", "ctypes.WinDLL", "ctypes.cdll.LoadLibrary")
)
_GIVEN_NAMES = {"__builtins__": "builtins", "get_ipython": _SHELL}
_INNER_TABLES = frozenset(("__globals__", "__builtins__"))
_SAME = frozenset(("builtins.vars", "functools.partial"))
_TABLES = frozenset(("sys.modules",))
_SELF_TABLES = frozenset(("builtins.globals", "builtins.locals", "builtins.vars"))


class Names:
    """The names of one source and what they stand for.

    Args:
        tree: The source's tree.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._known: dict[str, dict[str, None]] = defaultdict(dict)
        self._local = local_names(tree)
        self._stars: list[str] = []
        self._assignments: list[tuple[str, ast.expr]] = []
        self._fold: Fold | None = None
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._import(node)
            else:
                self._assignments += _assigned(node)
        self._follow_assignments()

    def fold_with(self, fold: Fold) -> None:
        """Work out computed names with a function from now on, and go through assignments again.

        Args:
            fold: Gives the constant that an expression comes to, or None.
        """
        self._fold = fold
        self._follow_assignments()

    def _follow_assignments(self) -> None:
        for _ in range(_PASSES):
            for name, value in self._assignments:
                for path in self.paths(value):
                    self._add(name, path)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                self._add(alias.asname or whole, whole)
        elif not node.level and node.module:
            for alias in node.names:
                if alias.name == "*" and len(self._stars) < _STARS:
                    self._stars.append(node.module)
                self._add(alias.asname or alias.name, f"{node.module}.{alias.name}")

    def _add(self, name: str, path: str) -> None:
        known = self._known[name]
        if len(known) < _CANDIDATES and len(path) < _LONGEST:
            known[path] = None

    def paths(self, node: ast.AST, depth: int = 0) -> list[str]:
        """Return the dotted paths that an expression may stand for; none when it is local."""
        if depth > _DEPTH:
            return []
        if isinstance(node, ast.Name):
            return self._named(node)
        if isinstance(node, ast.Attribute):
            return self._below(node.value, node.attr, depth)
        if isinstance(node, ast.Call):
            return self._result(node, depth)
        if isinstance(node, ast.Subscript):
            return self._item(node, depth)
        if isinstance(node, ast.NamedExpr | ast.Await):
            return self.paths(node.value, depth + 1)
        if isinstance(node, ast.IfExp):
            return [*self.paths(node.body, depth + 1), *self.paths(node.orelse, depth + 1)]
        if isinstance(node, ast.BoolOp):
            return [path for value in node.values for path in self.paths(value, depth + 1)]
        return []

    def _named(self, node: ast.Name) -> list[str]:
        if self._local.get(node) == PARAMETER:
            return []
        known = self._known.get(node.id)
        if known:
            return list(known)
        if node.id in _GIVEN_NAMES:
            return [_GIVEN_NAMES[node.id]]
        if node in self._local:
            return []
        found = [f"{module}.{node.id}" for module in self._stars]
        return [*found, f"builtins.{node.id}"] if node.id in _BUILTINS else found

    def _below(self, owner: ast.AST, name: str, depth: int) -> list[str]:
        bases = self.paths(owner, depth + 1)
        if name in ("__dict__", "__call__"):
            return bases
        return [f"{base}.{name}" for base in bases if len(base) < _LONGEST]

    def _result(self, node: ast.Call, depth: int) -> list[str]:
        called = self.paths(node.func, depth + 1)
        found: list[str] = []
        if isinstance(node.func, ast.Call) and node.args:
            found += self._got(node.func, node.args[0], _ATTRIBUTES, depth)
        for path in called:
            if path in _IMPORTERS and node.args:
                module = self.text(node.args[0])
                found += [module] if module else []
            elif path in _GETTERS and len(node.args) >= 2:
                name = self.text(node.args[1])
                found += self._below(node.args[0], name, depth) if name else []
            elif path in _SAME and node.args:
                found += self.paths(node.args[0], depth + 1)
            elif path.endswith(".__getattribute__") and node.args:
                name = self.text(node.args[-1])
                found += [f"{path.rpartition('.')[0]}.{name}"] if name else []
            elif path == _SHELL:
                found.append(path)
            elif path in _LIBRARIES:
                found.append("ctypes.loaded")
            elif path.endswith((".get", ".pop")) and node.args:
                found += self._looked_up(path.rpartition(".")[0], self.text(node.args[0]))
        return found

    def called_by(self, node: ast.Call) -> list[str]:
        """Return what ``operator.methodcaller("name")(owner)`` calls."""
        if isinstance(node.func, ast.Call) and node.args:
            return self._got(node.func, node.args[0], _CALLERS, 0)
        return []

    def _got(
        self, maker: ast.Call, owner: ast.expr, makers: frozenset[str], depth: int
    ) -> list[str]:
        if not maker.args or makers.isdisjoint(self.paths(maker.func, depth + 1)):
            return []
        name = self.text(maker.args[0])
        return self._below(owner, name, depth) if name else []

    def _item(self, node: ast.Subscript, depth: int) -> list[str]:
        if isinstance(node.value, ast.List | ast.Tuple):
            return [path for item in node.value.elts for path in self.paths(item, depth + 1)]
        name = self.text(node.slice)
        if not name:
            return []
        if isinstance(node.value, ast.Call):
            tables = self.paths(node.value.func, depth + 1)
            if any(path in _SELF_TABLES for path in tables) and not node.value.args:
                return self.paths(ast.Name(name), depth + 1)
        if isinstance(node.value, ast.Attribute) and node.value.attr in _INNER_TABLES:
            if name == "__builtins__":
                return ["builtins"]
            return [name, f"builtins.{name}", f"os.{name}"]  # whose globals they are, nobody knows
        found: list[str] = []
        for base in self.paths(node.value, depth + 1):
            found += self._looked_up(base, name)
        return found

    def _looked_up(self, base: str, name: str) -> list[str]:
        if not name:
            return []
        return [name] if base in _TABLES else [f"{base}.{name}"]

    def is_hidden(self, node: ast.Call) -> bool:
        """Return True for a look-up of an attribute or module by a name that is computed."""
        for path in self.paths(node.func):
            if path in _IMPORTERS and node.args:
                return not self.text(node.args[0])
            if path in _GETTERS and len(node.args) >= 2:
                return not self.text(node.args[1]) and bool(self.paths(node.args[0]))
        return False

    def text(self, node: ast.AST, depth: int = 0) -> str:
        """Return the string that an expression spells out, or nothing."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and depth < _DEPTH:
            left, right = self.text(node.left, depth + 1), self.text(node.right, depth + 1)
            return left + right if left and right else ""
        if isinstance(node, ast.JoinedStr):
            parts = [self.text(part, depth + 1) for part in node.values]
            return "".join(parts) if all(parts) else ""
        found = self._fold(node) if self._fold is not None else None
        return found if isinstance(found, str) else ""


def _assigned(node: ast.AST) -> list[tuple[str, ast.expr]]:
    """Return the plain names that a node gives a value."""
    if isinstance(node, ast.Assign):
        return [(one.id, node.value) for one in node.targets if isinstance(one, ast.Name)]
    if isinstance(node, ast.AnnAssign | ast.NamedExpr) and isinstance(node.target, ast.Name):
        return [(node.target.id, node.value)] if node.value is not None else []
    if isinstance(node, ast.For | ast.comprehension) and isinstance(node.target, ast.Name):
        items = node.iter.elts if isinstance(node.iter, ast.List | ast.Tuple) else []
        return [(node.target.id, item) for item in items[:_CANDIDATES]]
    return []
