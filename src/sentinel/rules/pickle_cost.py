"""Harmless functions called with arguments that no machine can pay for."""

from __future__ import annotations

from collections.abc import Iterator
from math import factorial, prod

from ..findings import Confidence, Finding, Severity
from ..formats.pickle.program import PickleProgram
from ..formats.pickle.render import expression
from ..formats.pickle.resolve import arguments, key_of, target
from ..formats.pickle.values import Call, Global, Value
from . import RuleContext, rule

_GETTERS = frozenset(("builtins.getattr", "inspect.getattr_static"))
_TOO_MANY = 1 << 33
_EXPONENT = 1 << 20
_LISTED = 20

_SIZED = frozenset(
    (
        "builtins.bytearray", "builtins.bytes", "operator.mul", "operator.imul",
        "operator.__mul__", "numpy.zeros", "numpy.empty", "numpy.ones", "numpy.full",
        "numpy.arange", "numpy.core.multiarray._reconstruct",
        "numpy._core.multiarray._reconstruct", "builtins.str.zfill", "builtins.str.ljust",
        "builtins.str.rjust", "builtins.str.center", "builtins.bytes.zfill",
        "builtins.bytes.ljust",
    )
)  # fmt: skip
_POWERS = frozenset(
    ("builtins.pow", "operator.pow", "operator.ipow", "operator.lshift", "operator.ilshift")
)
_CONSUMERS = frozenset(
    (
        "builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset", "builtins.sum",
        "builtins.max", "builtins.min", "builtins.sorted", "builtins.all", "builtins.bytes",
        "builtins.bytearray", "collections.deque", "collections.Counter", "numpy.fromiter",
    )
)  # fmt: skip
_COMBINED = frozenset(("itertools.product", "itertools.permutations"))
_PASSED_ON = frozenset(
    (
        "builtins.enumerate", "builtins.map", "builtins.filter", "builtins.iter",
        "itertools.chain", "itertools.accumulate", "itertools.starmap",
    )
)  # fmt: skip
_MOST_PERMUTED = 20


@rule("SNT1114", "expensive-call", severity=Severity.MEDIUM, formats=("pickle",), cwe="CWE-400")
def expensive_call(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """Loading this file asks for more memory or time than there is.

    **What.** A harmless function is called with a size, a repetition or an exponent of billions,
    or a container is filled from an iterator that never ends.

    **Why it matters.** The loading program dies or hangs; on a server, so does everybody's work.

    **Fix.** Do not load the file.
    """
    names = {key_of(found) for found in program.globals}
    if names.isdisjoint(_SIZED | _POWERS | _CONSUMERS | _GETTERS):
        return
    listed = 0
    for call in program.calls:
        if listed < _LISTED and _is_expensive(program, call):
            listed += 1
            yield context.finding(
                "loading makes a call that no machine can pay for",
                offset=program.offset(call.offset),
                evidence=expression(program, call, 0, 80),
                remedy="Do not load this file.",
                confidence=Confidence.MEDIUM,
            )


def _is_expensive(program: PickleProgram, call: Call) -> bool:
    maker = call.callee
    if type(maker) is Call and type(maker.callee) is not Global:
        return False  # a method of a literal is one getattr away, not more
    path = target(program.data, maker)
    if path is None:
        return False
    name = str(path)
    if name in _SIZED:
        return any(_number(program, value) >= _TOO_MANY for value in arguments(call))
    if name in _POWERS:
        return any(_number(program, value) >= _EXPONENT for value in arguments(call)[1:2])
    return name in _CONSUMERS and any(_endless(program, value) for value in arguments(call)[:1])


def _number(program: PickleProgram, value: Value) -> int:
    """Return an integer literal, or the product of a tuple of them; 0 for anything else."""
    if type(value) is tuple:
        return prod(_number(program, item) for item in value[:64])
    number = program.literal(value, 64)
    return number if type(number) is int else 0


def _endless(program: PickleProgram, value: Value, depth: int = 8) -> bool:
    if type(value) is not Call or not depth:
        return False
    name, args = key_of(value.callee), arguments(value)
    if name in ("builtins.range", "builtins.xrange"):
        return any(_number(program, item) >= _TOO_MANY for item in args)
    if name == "itertools.repeat":
        return len(args) < 2 or _number(program, args[1]) >= _TOO_MANY
    if name in _COMBINED:
        return _combinations(program, name, args) >= _TOO_MANY
    if name in _PASSED_ON:
        return any(_endless(program, item, depth - 1) for item in args)
    return name in ("itertools.count", "itertools.cycle")


def _combinations(program: PickleProgram, name: str, args: tuple[Value, ...]) -> int:
    """Return how many items come out of ranges that are combined, about."""
    sizes = [_range(program, item) for item in args]
    if name == "itertools.product":
        return prod(sizes)
    return factorial(min(sizes[0], _MOST_PERMUTED)) if sizes else 0


def _range(program: PickleProgram, value: Value) -> int:
    """Return the length of a range from its literals, about; 1 for anything else."""
    if type(value) is Call and key_of(value.callee) in ("builtins.range", "builtins.xrange"):
        return max((_number(program, item) for item in arguments(value)), default=1)
    return 1
