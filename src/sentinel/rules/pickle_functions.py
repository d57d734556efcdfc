"""Functions carried by value (cloudpickle, dill): what their code names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ..findings import Confidence, Finding, Severity
from ..formats.pickle.program import PickleProgram
from ..formats.pickle.render import expression
from ..formats.pickle.resolve import arguments, target
from ..formats.pickle.values import Call
from . import RuleContext, rule
from .import_index import index
from .imports import Standing, judge
from .pickle_code import names_of
from .pickle_spots import Uses
from .pickle_uses import analyse

_ACTS = frozenset(("execute", "load-code", "network", "process", "import"))
_MAY_ACT = frozenset(("deserialise", "file"))
_LONGEST_PATH = 4
_INNARDS = frozenset(
    (
        "__subclasses__", "__globals__", "__builtins__", "func_globals", "f_globals", "f_builtins",
        "f_back", "f_locals", "tb_frame", "gi_frame", "cr_frame", "globals", "_getframe",
    )
)  # fmt: skip
"""Names by which code leaves its objects for the interpreter's own."""
_NOBODY = "_"
"""A name that no module has: what is said of it is said of the module as a whole."""


@rule("SNT1109", "function-by-value", severity=Severity.INFO, formats=("pickle",), cwe="CWE-502")
def function_by_value(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """The file carries code of its own.

    **What.** cloudpickle and dill store functions and classes as byte code. Loading builds them;
    their code runs when something calls them.

    **Why it matters.** Byte code is not proof of malice, and cannot be judged like data. A finding
    of high severity means that the code names things with which a model has no business (starting
    processes, running source, opening the network, the interpreter's innards), or that its names
    cannot be read; one of medium severity that it opens files or deserialises. Names are what is
    looked at, so this is an indicator.

    **Fix.** Load only from people you would take code from. Prefer formats that carry weights only.
    """
    uses: Uses = context.once("pickle.uses", lambda: analyse(program))
    if not uses.functions:
        return
    first = uses.functions[0]
    for call in islice((one for one in uses.functions if _is_opaque(program, one)), 1):
        yield context.finding(
            "carries a function by value whose names cannot be read",
            offset=program.offset(call.offset),
            evidence=expression(program, call, 0, 80),
            remedy="Do not use the model before its code has been read.",
            severity=Severity.HIGH,
            confidence=Confidence.MEDIUM,
        )
    reached = _reached(program, uses.functions)
    if reached:
        listed = ", ".join(sorted(reached))
        acts = any(capability in _ACTS for _, capability in reached.values())
        yield context.finding(
            f"carries a function by value whose code names {listed}",
            offset=program.offset(min(offset for offset, _ in reached.values())),
            evidence=listed,
            remedy="Do not use the model before its code has been read.",
            severity=Severity.HIGH if acts else Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
        )
        return
    yield context.finding(
        "carries functions or classes by value (byte code that runs when they are used)",
        offset=program.offset(first.offset),
        evidence=expression(program, first.callee, 0, 80),
        confidence=Confidence.MEDIUM,
    )


def _reached(program: PickleProgram, calls: list[Call]) -> dict[str, tuple[int, str]]:
    """Return dangerous names that the code refers to, with positions and capabilities."""
    names: dict[str, int] = {}
    modules: dict[str, int] = {}
    found: dict[str, tuple[int, str]] = {}
    for call in calls:
        listed = _code_names(program, call)
        for path, capability in _paths(listed):
            found.setdefault(path, (call.offset, capability))
        for name in listed:
            names.setdefault(name, call.offset)
        module, _, attribute = _brought_name(program, call).partition(".")
        if module:
            modules.setdefault(module, call.offset)
        if attribute:
            names.setdefault(attribute, call.offset)
    for name, offset in names.items():
        capability = "execute" if name in _INNARDS else _capability("builtins", name)
        if capability:
            found[name] = (offset, capability)
    for module in filter(_telling_module, {**names, **modules}):
        for name, offset in names.items():
            capability = _capability(module, name)
            if capability and judge(module, name) != judge(module, _NOBODY):
                found[f"{module}.{name}"] = (offset, capability)
    return found


def _paths(names: list[str]) -> Iterator[tuple[str, str]]:
    """Yield dangerous functions of ordinary modules that code names: ``torch``, ``hub``, ``load``.

    Names are listed in the order in which code first uses them, so that most paths stand together.
    """
    for place, first in enumerate(names):
        if not index().has_below(first):
            continue
        for end in range(place + 1, min(place + _LONGEST_PATH, len(names))):
            module = ".".join(names[place:end])
            capability = _capability(module, names[end])
            if capability and judge(module, names[end]) != judge(module, _NOBODY):
                yield f"{module}.{names[end]}", capability


def _is_opaque(program: PickleProgram, call: Call) -> bool:
    """Return True for code that is made in a way that keeps its names from being read."""
    path = target(program.data, call.callee)
    if path is None or path.name == "_unmarshal":
        return path is not None
    maker = call.callee
    asked = program.fold(arguments(maker)[0]) if type(maker) is Call and arguments(maker) else ""
    makes_code = path.name == "_create_code" or asked == "CodeType"
    return makes_code and names_of(program, call) is None


def _telling_module(name: str) -> bool:
    return judge(name, "").standing is Standing.DANGEROUS


def _capability(module: str, name: str) -> str:
    """Return what a name gives to code that uses it; empty for nothing a model has no need of."""
    judgement = judge(module, name)
    if judgement.standing is not Standing.DANGEROUS or judgement.through or judgement.odd:
        return ""
    return judgement.capability if judgement.capability in _ACTS | _MAY_ACT else ""


def _code_names(program: PickleProgram, call: Call) -> list[str]:
    """Return ``co_names`` of the code object that a call makes, empty when it makes none."""
    return names_of(program, call) or []


def _brought_name(program: PickleProgram, call: Call) -> str:
    """Return the module, or name in one, that ``subimport`` and its like put into globals."""
    path = target(program.data, call.callee)
    if path is None or "import" not in path.name:
        return ""
    args = arguments(call)
    name = program.fold(args[0]) if args else None
    return name if isinstance(name, str) else ""
