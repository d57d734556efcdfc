"""Which names may be called safe, and the data classes that libraries define."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sentinel.rules.import_index import Index

from .audit.facts import Class, Function, ModuleFacts
from .audit_imports import Findings
from .make_index import (
    Table,
    add_aliases,
    add_dangerous,
    add_modules,
    add_shapes,
    load,
    render,
    vouched_names,
)

Defined = dict[tuple[str, str], str]
"""Names, with the capability that calling each gives."""


class Policy:
    """Decides about each candidate for a safe table.

    Args:
        findings: What the audit found.
    """

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.vouched = vouched_names()
        table: Table = defaultdict(dict)
        add_dangerous(table, load("dangerous.toml"))
        add_shapes(table, load("shapes.toml"))
        add_modules(table, load("modules.toml"))
        add_aliases(table, load("aliases.toml"))
        self.index = Index(render(table))

    def rule(self, module: str, name: str) -> tuple[str | None, str]:
        """Return the capability of calling a safe name (None: it is not safe), and why."""
        if (module, name) in self.vouched:
            return None, "h: vouched for by hand"
        entry = self.index.entry(module, name)
        if entry is not None:
            return None, f"{entry.kind}: {entry.capability} {entry.text}"
        about = self.index.module(module)
        if about is not None and about.whole:
            return None, f"in {module}, which {about.reason}"
        return self.by_audit(module, name)

    def by_audit(self, module: str, name: str) -> tuple[str | None, str]:
        """Return what the audit says about a name."""
        found = self.findings.program.resolve(f"{module}.{name}")
        if isinstance(found, str):
            way = self.findings.of(f"{module}.{name}")
            return (None, f"is {way[1].sink}") if way else ("", "not in the sources")
        if isinstance(found, Function):
            way = self.findings.of(f"{module}.{name}")
            if way is not None:
                return None, f"{way[0]}: {way[1].sink} via {way[1].via}"
            return "", "reaches nothing"
        return self.by_building(found)

    def by_building(self, owner: Class) -> tuple[str | None, str]:
        """Return what the audit says about instances of a class, and about calling it."""
        way = self.findings.of_building(owner)
        if way is not None:
            return None, f"{way[0]}: {way[1].sink} via {way[1].via}"
        call = self.findings.of_class(owner)
        return (call[0], call[1].sink) if call is not None else ("", "reaches nothing")


def defined(findings: Findings, libraries: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the classes that modules of the given packages define.

    Args:
        findings: What the audit read.
        libraries: Dotted prefixes of modules to look at.
    """
    for name, module in findings.program.modules.items():
        if name.startswith(libraries) and not _is_test(name):
            yield from ((name, kind) for kind in _data_classes(module))


def _is_test(module: str) -> bool:
    return any(part.startswith(("test", "_test", "conftest")) for part in module.split("."))


def _data_classes(module: ModuleFacts) -> Iterator[str]:
    for name in module.classes:
        if "." not in name:
            yield name
