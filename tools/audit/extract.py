"""Reads one source file."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .facts import Class, ModuleFacts, imported
from .reader import Reader


def extract(source: str | bytes, name: str, package: bool) -> ModuleFacts:
    """Return the facts of one file.

    Args:
        source: Its text.
        name: Dotted name of the module.
        package: It is the ``__init__`` of a package.

    Raises:
        SyntaxError: It does not parse.
    """
    facts = ModuleFacts(name, package)
    body = ast.parse(source).body
    for node in _statements(body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            facts.defined.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for one in _targets(node):
                parts = one.elts if isinstance(one, ast.Tuple) else [one]
                facts.defined.update(part.id for part in parts if isinstance(part, ast.Name))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            facts.names.update(imported(node, facts))
    for node in _statements(body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            facts.functions[node.name] = Reader(facts, None).function(node, node.name)
        elif isinstance(node, ast.ClassDef):
            _class(facts, node, node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            _aliases(facts, node)
    return facts


def _aliases(facts: ModuleFacts, node: ast.Assign | ast.AnnAssign) -> None:
    """Note names that are given to something else: ``run = exec``, ``load, dump = a.b, a.c``."""
    for one in _targets(node):
        pairs = [(one, node.value)]
        if isinstance(one, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(one.elts, node.value.elts, strict=False))
        for name, value in pairs:
            path = Reader(facts, None).path(value)
            if isinstance(name, ast.Name) and path:
                facts.names.setdefault(name.id, path)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements of a scope, those inside ``if``, ``try``, ``with`` and loops too."""
    for node in body:
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(node, name, None) or [])
        for handler in getattr(node, "handlers", []):
            yield from _statements(handler.body)


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _class(facts: ModuleFacts, node: ast.ClassDef, qualname: str) -> None:
    reader = Reader(facts, None)
    made = Class(facts.name, qualname, [p for p in map(reader.path, node.bases) if p])
    facts.classes[qualname] = made
    for inner in _statements(node.body):
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
            reader = Reader(facts, made)
            made.methods[inner.name] = reader.function(inner, f"{qualname}.{inner.name}")
        elif isinstance(inner, ast.ClassDef):
            _class(facts, inner, f"{qualname}.{inner.name}")
        elif isinstance(inner, ast.Assign):
            value = inner.value
            if isinstance(value, ast.Call) and len(value.args) == 1:
                value = value.args[0]  # staticmethod(f), property(f)
            path = reader.path(value)
            for one in inner.targets:
                if isinstance(one, ast.Name) and path:
                    local = isinstance(value, ast.Name) and value.id in made.methods
                    made.aliases[one.id] = f"self:{value.id}" if local else path  # type: ignore[attr-defined]
