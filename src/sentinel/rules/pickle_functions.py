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
from .pickle_uses import Uses, analyse

_ACTS = frozenset(("execute", "load-code", "network", "process", "deserialise", "import"))
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
    processes, running source, opening the network); names are what is looked at, so this is an
    indicator.

    **Fix.** Load only from people you would take code from. Prefer formats that carry weights only.
    """
    uses: Uses = context.once("pickle.uses", lambda: analyse(program))
    if not uses.functions:
        return
    first = uses.functions[0]
    reached = _reached(program, uses.functions)
    if reached:
        listed = ", ".join(sorted(reached))
        yield context.finding(
            f"carries a function by value whose code names {listed}",
            offset=program.offset(min(reached.values())),
            evidence=listed,
            remedy="Do not use the model before its code has been read.",
            severity=Severity.HIGH,
            confidence=Confidence.MEDIUM,
        )
        return
    yield context.finding(
        "carries functions or classes by value (byte code that runs when they are used)",
        offset=program.offset(first.offset),
        evidence=expression(program, first.callee, 0, 80),
        confidence=Confidence.MEDIUM,
    )


def _reached(program: PickleProgram, calls: list[Call]) -> dict[str, int]:
    """Return dangerous names that the code of functions by value refers to, with positions."""
    names: dict[str, int] = {}
    modules: dict[str, int] = {}
    for call in calls:
        for name in _code_names(program, call):
            names.setdefault(name, call.offset)
        brought = _brought_module(program, call)
        if brought is not None:
            modules.setdefault(brought, call.offset)
    found = {name: offset for name, offset in names.items() if _acts("builtins", name)}
    for module in filter(_telling_module, {**names, **modules}):
        for name, offset in names.items():
            if _acts(module, name) and judge(module, name) != judge(module, _NOBODY):
                found[f"{module}.{name}"] = offset
    return found


def _telling_module(name: str) -> bool:
    return judge(name, "").standing is Standing.DANGEROUS


def _acts(module: str, name: str) -> bool:
    judgement = judge(module, name)
    return (
        judgement.standing is Standing.DANGEROUS
        and judgement.capability in _ACTS
        and not judgement.through
        and not judgement.odd
    )


def _code_names(program: PickleProgram, call: Call) -> list[str]:
    """Return ``co_names`` of the code object that a call makes, empty when it makes none.

    The arguments of ``types.CodeType`` are integers, the byte code, the constants, then the names
    (dill may put a line table in front).
    """
    args = arguments(call)
    for place, value in enumerate(args[:-2]):
        names = args[place + 2]
        if place >= 3 and isinstance(program.literal(value, 1), bytes) and type(names) is tuple:
            texts = [program.literal(item, 200) for item in names[:_MOST_NAMES]]
            return [text for text in texts if isinstance(text, str)]
    return []


def _brought_module(program: PickleProgram, call: Call) -> str | None:
    """Return the module that ``subimport`` and its like put into a function's globals."""
    path = target(program.data, call.callee)
    if path is None or "import" not in path.name:
        return None
    args = arguments(call)
    name = program.fold(args[0]) if args else None
    return name if isinstance(name, str) else None
