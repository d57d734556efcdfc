"""What we think of Python source that comes with a model."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.python_source import PythonSource, SourceUse
from . import RuleContext, rule
from .import_index import index
from .imports import Judgement, Standing, judge
from .judgement import of_entry, of_module
from .torch_operators import Kind, judge_operator

_LISTED = 20
_DOES = {
    "execute": "runs code or commands",
    "load-code": "loads native code",
    "deserialise": "deserialises data that may run code",
    "file": "writes or removes files",
    "network": "opens the network",
    "process": "acts on the process or its environment",
}
_ON_IMPORT = {
    "execute": Severity.HIGH,
    "load-code": Severity.HIGH,
    "network": Severity.HIGH,
    "deserialise": Severity.MEDIUM,
    "file": Severity.MEDIUM,
    "process": Severity.LOW,
}
_ON_USE = {
    "execute": Severity.MEDIUM,
    "load-code": Severity.MEDIUM,
    "network": Severity.LOW,
    "deserialise": Severity.LOW,
}
_WHOLE = frozenset(("network", "file"))
_HARMLESS = frozenset(("builtins.open", "builtins.input", "torch.ops", "torch._ops.ops"))
"""Files that code opens and questions that it asks are too common to tell anything."""

_DECORATOR = "torch.library.custom_op"
"""Evaluates the annotations of the function below it, which are source like the rest."""

_OPERATORS = ("torch.ops.", "torch._ops.ops.")


def judge_path(path: str) -> Judgement | None:
    """Return what makes a dotted path dangerous in source code; None when nothing does.

    Source code is not a pickle: it may import ``os`` to join paths. So a name counts when a table
    lists it, or when it is another name of one that is listed, not because of its module.
    """
    if path == _DECORATOR:
        return None
    if path.startswith(_OPERATORS):
        return _operator(path)
    tables = index()
    parts = path.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        module, name = ".".join(parts[:cut]), ".".join(parts[cut:])
        entry = tables.entry(module, name)
        if entry is not None:
            return of_entry(entry) if entry.kind in "dgc" else None
        judgement = judge(module, name)
        if judgement.through and judgement.standing is Standing.DANGEROUS:
            return judgement
        about = tables.module(module)
        if about is not None and about.whole and about.capability in _WHOLE:
            return of_module(module, about)
    return None


def _operator(path: str) -> Judgement | None:
    judged = judge_operator(f"ops.{path.partition('ops.')[2]}")
    capability = {Kind.FILE: "file", Kind.LOADS: "load-code"}.get(judged.kind)
    return Judgement(Standing.DANGEROUS, capability, judged.reason) if capability else None


def _dangerous(source: PythonSource, on_import: bool) -> Iterator[tuple[SourceUse, Judgement]]:
    """Yield the first dangerous use of each path."""
    seen: set[str] = set()
    called = {use.path for use in source.uses if use.called and use.on_import == on_import}
    for use in source.uses:
        if use.on_import != on_import or use.path in seen or use.path in _HARMLESS:
            continue
        if not use.called and (use.path in called or _names_class(use.path)):
            continue
        judgement = judge_path(use.path)
        if judgement is not None:
            seen.add(use.path)
            yield use, judgement


def _names_class(path: str) -> bool:
    return path.rpartition(".")[2][:1].isupper()


def _evidence(use: SourceUse) -> str:
    if not use.called:
        return use.path
    return f"{use.path}({use.text!r}, …)" if use.text else f"{use.path}(…)"


@rule(
    "SNT1420", "source-acts-on-import", severity=Severity.HIGH, formats=("python",), cwe="CWE-506"
)
def acts_on_import(source: PythonSource, context: RuleContext) -> Iterator[Finding]:
    """Importing this source does something that no model needs.

    **What.** At its top level, in a class body, or in a function that the top level calls, the
    source runs commands or code, opens the network, loads native code, or writes files.

    **Why it matters.** Source that is packed with a model is imported while the model is being
    loaded (`torch.package` does so for every class of the package), with the rights of whoever
    loads it.

    **Fix.** Read the lines named here before anything else; do not load the package until you
    know what they are for.
    """
    for use, judgement in _dangerous(source, True):
        severity = _ON_IMPORT.get(judgement.capability)
        if severity is not None:
            mild = not use.called and severity > Severity.MEDIUM
            yield context.finding(
                f"importing this source reaches {use.path}, which {_DOES[judgement.capability]}",
                line=use.line,
                evidence=_evidence(use),
                severity=Severity.MEDIUM if mild else severity,
                remedy="Read the source; do not load the package before.",
            )


@rule("SNT1421", "source-acts-on-use", severity=Severity.MEDIUM, formats=("python",), cwe="CWE-506")
def acts_on_use(source: PythonSource, context: RuleContext) -> Iterator[Finding]:
    """The source holds functions that run commands or code when they are called.

    **What.** A function or method calls something that executes, loads native code, opens the
    network or deserialises.

    **Why it matters.** Methods of a model run when the model is used, and a pickle may call any
    function of the sources packed with it.

    **Fix.** Read the functions named here.
    """
    for use, judgement in _dangerous(source, False):
        severity = _ON_USE.get(judgement.capability)
        if severity is not None and use.called:
            yield context.finding(
                f"a function of this source calls {use.path}, which {_DOES[judgement.capability]}",
                line=use.line,
                evidence=_evidence(use),
                severity=severity,
                confidence=Confidence.MEDIUM,
            )


@rule("SNT1422", "source-hides-name", severity=Severity.LOW, formats=("python",), cwe="CWE-506")
def hides_name(source: PythonSource, context: RuleContext) -> Iterator[Finding]:
    """The source looks up a module or an attribute by a name that it computes.

    **What.** `getattr` on a module, `__import__` or `importlib.import_module` with a name that is
    not a constant.

    **Why it matters.** What is called cannot be told from the source. Plug-in systems do this too.

    **Fix.** Read the lines named here.
    """
    if source.hidden:
        lines = ", ".join(str(line) for line in source.hidden[:_LISTED])
        yield context.finding(
            f"{len(source.hidden)} look-up(s) by a computed name",
            line=source.hidden[0],
            evidence=f"lines {lines}",
            confidence=Confidence.LOW,
        )
