"""Functions carried by value (cloudpickle, dill): what their code names."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.pickle.program import PickleProgram
from ..formats.pickle.render import expression
from ..formats.pickle.resolve import arguments, target
from ..formats.pickle.values import Call
from . import RuleContext, rule
from .imports import Standing, judge
from .pickle_spots import Uses
from .pickle_uses import analyse

_ACTS = frozenset(("execute", "load-code", "network", "process", "import"))
_MAY_ACT = frozenset(("deserialise", "file"))
_MOST_NAMES = 400
_NOBODY = "_"
"""A name that no module has: what is said of it is said of the module as a whole."""


@rule("SNT1109", "function-by-value", severity=Severity.INFO, formats=("pickle",), cwe="CWE-502")
def function_by_value(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """The file carries code of its own.

    **What.** cloudpickle and dill store functions and classes as byte code. Loading builds them;
    their code runs when something calls them.

    **Why it matters.** Byte code is not proof of malice, and cannot be judged like data. A finding
    of high severity means that the code names things with which a model has no business (starting
    processes, running source, opening the network), one of medium severity that it opens files
    or deserialises; names are what is looked at, so this is an indicator.

    **Fix.** Load only from people you would take code from. Prefer formats that carry weights only.
    """
    uses: Uses = context.once("pickle.uses", lambda: analyse(program))
    if not uses.functions:
        return
    first = uses.functions[0]
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
    for call in calls:
        for name in _code_names(program, call):
            names.setdefault(name, call.offset)
        module, _, attribute = _brought_name(program, call).partition(".")
        if module:
            modules.setdefault(module, call.offset)
        if attribute:
            names.setdefault(attribute, call.offset)
    found: dict[str, tuple[int, str]] = {}
    for name, offset in names.items():
        capability = _capability("builtins", name)
        if capability:
            found[name] = (offset, capability)
    for module in filter(_telling_module, {**names, **modules}):
        for name, offset in names.items():
            capability = _capability(module, name)
            if capability and judge(module, name) != judge(module, _NOBODY):
                found[f"{module}.{name}"] = (offset, capability)
    return found


def _telling_module(name: str) -> bool:
    return judge(name, "").standing is Standing.DANGEROUS


def _capability(module: str, name: str) -> str:
    """Return what a name gives to code that uses it; empty for nothing a model has no need of."""
    judgement = judge(module, name)
    if judgement.standing is not Standing.DANGEROUS or judgement.through or judgement.odd:
        return ""
    return judgement.capability if judgement.capability in _ACTS | _MAY_ACT else ""


def _code_names(program: PickleProgram, call: Call) -> list[str]:
    """Return ``co_names`` of the code object that a call makes, empty when it makes none.

    The arguments of ``types.CodeType`` are integers, the byte code, the constants, then the names
    (dill may put a line table in front).
    """
    args = arguments(call)
    for place, value in enumerate(args[:-2]):
        names = args[place + 2]
        if place < 3 or type(names) is not tuple or type(value) is tuple:
            continue
        if isinstance(program.fold(value), bytes):
            texts = [program.literal(item, 200) for item in names[:_MOST_NAMES]]
            return [text for text in texts if isinstance(text, str)]
    return []


def _brought_name(program: PickleProgram, call: Call) -> str:
    """Return the module, or name in one, that ``subimport`` and its like put into globals."""
    path = target(program.data, call.callee)
    if path is None or "import" not in path.name:
        return ""
    args = arguments(call)
    name = program.fold(args[0]) if args else None
    return name if isinstance(name, str) else ""
