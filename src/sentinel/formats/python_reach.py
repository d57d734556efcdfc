"""Which functions and methods of a source the code that runs may get to.

A function is reached when its name is called or handed on. A method is reached when something calls
a method of that name and an object of its class, or of one derived from it, may exist by then.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict

_SPECIAL = re.compile(r"__\w+__\Z")
_ON_SUBCLASS = "__init_subclass__"
_UPWARDS = frozenset(("__base__", "__bases__", "__mro__", "mro"))


def asks_every_class(node: ast.expr) -> bool:
    """Return True for ``().__class__.__base__.__subclasses__``: every class there is."""
    if not isinstance(node, ast.Attribute) or node.attr != "__subclasses__":
        return False
    for part in ast.walk(node.value):
        if isinstance(part, ast.Attribute) and part.attr in _UPWARDS:
            return True
    return isinstance(node.value, ast.Name) and node.value.id == "object"


class Reach:
    """Keeps what was reached so far.

    Args:
        tree: The source's tree.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._functions: dict[str, list[ast.AST]] = {}
        self._methods: dict[str, dict[str, list[ast.AST]]] = {}
        self._bases: dict[str, list[str]] = defaultdict(list)
        self._classes: set[str] = set()
        self._called: set[str] = set()
        self._names: set[str] = set()
        self._derived: set[str] = set()
        self._by_class = True
        self._asked: list[ast.AST] = []
        inside: set[int] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                self._class(node, inside)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and id(node) not in inside:
                self._functions.setdefault(node.name, []).extend(node.body)
            elif isinstance(node, ast.Lambda):
                self._functions.setdefault(_lambda(node), [node.body])

    def _class(self, node: ast.ClassDef, inside: set[int]) -> None:
        self._bases[node.name] += [base.id for base in node.bases if isinstance(base, ast.Name)]
        methods = self._methods.setdefault(node.name, {})
        for item in node.body:
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
                inside.add(id(item))
                methods.setdefault(item.name, []).extend(item.body)

    def note(self, node: ast.AST) -> None:
        """Take a node that runs."""
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                self._called.add(node.func.attr)
                if isinstance(node.func.value, ast.Name):
                    self._names.add(node.func.value.id)
            elif isinstance(node.func, ast.Name):
                self._names.add(node.func.id)
            elif isinstance(node.func, ast.Lambda):
                self._names.add(_lambda(node.func))
            given = [*node.args, *(word.value for word in node.keywords)]
            self._names.update(one.id for one in given if isinstance(one, ast.Name))
            self._names.update(_lambda(one) for one in given if isinstance(one, ast.Lambda))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._names.update(one.id for one in node.decorator_list if isinstance(one, ast.Name))
            self._names.update(_lambda(one) for one in node.decorator_list
                               if isinstance(one, ast.Lambda))  # fmt: skip
            if isinstance(node, ast.ClassDef):
                self._derived.update(one.id for one in node.bases if isinstance(one, ast.Name))
                makers = [word.value for word in node.keywords]
                self._names.update(one.id for one in makers if isinstance(one, ast.Name))
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            methods = self._methods.get(node.value.id, {})
            self._asked += methods.pop("__class_getitem__", [])
        elif isinstance(node, ast.Attribute):
            self._called.add(node.attr)  # a property runs when it is looked at

    def take(self) -> list[ast.AST]:
        """Return the bodies that were reached since the last time."""
        found, self._asked = self._asked, []
        for name in self._names:
            found += self._functions.pop(name, [])
            self._reach_class(name)
        self._names.clear()
        for name in self._called:
            found += self._functions.pop(name, [])
        owners = self._classes if self._by_class else set(self._methods)
        for owner in owners:
            methods = self._methods.get(owner, {})
            made = owner in self._classes  # then Python itself calls the special methods
            for name in list(methods):
                if name in self._called or (made and _SPECIAL.match(name)):
                    found += methods.pop(name)
        for owner in self._derived:
            found += self._methods.get(owner, {}).pop(_ON_SUBCLASS, [])
        self._derived.clear()
        return found

    def _reach_class(self, name: str) -> None:
        pending = [name]
        while pending:
            one = pending.pop()
            if one in self._methods and one not in self._classes:
                self._classes.add(one)
                pending += self._bases[one]

    def entries(self, names: frozenset[str]) -> list[ast.AST]:
        """Return what loaders and servers call by itself; from here on any object may exist.

        Args:
            names: Names of such functions and methods.
        """
        self._by_class = False
        found: list[ast.AST] = []
        for table in (self._functions, *self._methods.values()):
            for name in names & table.keys():
                found += table.pop(name)
        return found

    def functions(self) -> frozenset[str]:
        """Return the names of the functions that were not reached."""
        return frozenset(self._functions)

    def rest(self) -> list[ast.AST]:
        """Return the bodies that nothing was seen to reach."""
        tables = (self._functions, *self._methods.values())
        return [node for table in tables for body in table.values() for node in body]


def _lambda(node: ast.Lambda) -> str:
    return f"<lambda {node.lineno}:{node.col_offset}>"
