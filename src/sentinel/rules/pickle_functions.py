"""Functions carried by value (cloudpickle, dill): what their code names."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.pickle.program import PickleProgram
from ..formats.pickle.render import expression
from ..formats.pickle.resolve import arguments, walk
from ..formats.pickle.values import Call
from . import RuleContext, rule
from .imports import Standing, judge
from .pickle_uses import Uses, analyse

_ACTS = frozenset(("execute", "load-code", "network", "process", "deserialise", "import"))
_MOST_NAMES = 400


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
    found: dict[str, int] = {}
    for call in calls:
        names = _names_of(program, call)
        modules = [name for name in names if name.isidentifier() or "." in name]
        for name in modules:
            if _acts("builtins", name):
                found.setdefault(name, call.offset)
        for module in modules:
            for name in names:
                if name != module and _acts(module, name):
                    found.setdefault(f"{module}.{name}", call.offset)
    return found


def _acts(module: str, name: str) -> bool:
    judgement = judge(module, name)
    return (
        judgement.standing is Standing.DANGEROUS
        and judgement.capability in _ACTS
        and not judgement.through
        and not judgement.odd
    )


def _names_of(program: PickleProgram, call: Call) -> list[str]:
    """Return the names in the tuples of strings that a code object is made with."""
    names: dict[str, None] = {}
    for value in walk(arguments(call), 2_000):
        if type(value) is tuple and value and all(type(item) is int for item in value[:64]):
            for item in value[:64]:
                text = program.literal(item, 200)
                if isinstance(text, str) and text.isidentifier():
                    names[text] = None
        if len(names) >= _MOST_NAMES:
            break
    return list(names)
