"""How a pickle uses what cloudpickle and dill bring by value: functions and classes it makes."""

from __future__ import annotations

from collections.abc import Iterator

from ..formats.pickle.program import PickleProgram
from ..formats.pickle.resolve import Effective, Target, target
from ..formats.pickle.values import Call, Global, Value
from . import pickle_makers as makers
from .imports import Judgement, Standing
from .pickle_given import Allowance, given
from .pickle_known import Known
from .pickle_spots import Spot, Use, Uses, class_like


class ByValue:
    """Judges the makers of cloudpickle and dill, and the calls of what they make.

    Args:
        program: The pickle.
        uses: Where uses are noted.
        known: Judges names.
        called: Names of which a use is noted that is worse than being named.
        allowance: What may still be spent on looking through arguments.
    """

    def __init__(
        self, program: PickleProgram, uses: Uses, known: Known, called: set[Global],
        allowance: Allowance,
    ) -> None:  # fmt: skip
        self._program, self._data, self._uses = program, program.data, uses
        self._judge, self._called, self._allowance = known.judge, called, allowance

    def understood(self, call: Call, found: Effective) -> bool:
        """Judge the call of another call's result; return True when its name says it all."""
        assert type(found.callee) is Call
        if makers.calls_nothing(call, found.callee):
            return False
        maker = target(self._data, found.callee.callee)
        judgement = self._judge(maker) if maker is not None else None
        if maker is None or judgement is None or judgement.shape != "function":
            told = judgement is not None and judgement.standing is Standing.DANGEROUS
        elif makers.makes_function(maker) and not call.kind.startswith("NEWOBJ"):
            self._danger(maker, makers.RUNS_BY_VALUE, call)
            return True
        else:
            told = makers.makes_class(maker)
            self._uses.unknown += self._inherited(call, found)
        if not told:
            self._uses.unresolved.append(call)
        return told

    def _inherited(self, call: Call, found: Effective) -> Iterator[Spot]:
        """Yield the calls of unknown classes that a class by value inherits its ``__init__`` of."""
        use = Use.MADE
        if not call.kind.startswith("NEWOBJ"):
            use = given(self._program, found.args, self._allowance)
        for base in makers.bases(found.callee) if use is Use.GIVEN_TEXT else ():
            path = target(self._data, base)
            if path is not None and self._judge(path).standing is Standing.UNKNOWN:
                yield Spot(path, self._judge(path), use, call, call.offset, passed_to="a subclass")

    def by_value(self, call: Call, path: Target, args: tuple[Value, ...]) -> None:
        """Judge a call into cloudpickle's or dill's makers, some of which call what they are given.

        The callee of those is a class or a metaclass; an unknown function in its place is not.
        """
        self._uses.functions.append(call)
        judgement = makers.by_value(self._program, path, args)
        if judgement is not None:
            self._danger(path, judgement, call)
        home = args[1] if makers.lives_in(path, args) else None
        if type(home) is Global:
            self._called.add(home)
        if makers.changes_what_exists(path, args):
            self._uses.changed.append(call)
        if makers.keeps(path):
            return
        first = target(self._data, args[0]) if args and isinstance(args[0], Global | Call) else None
        if first is not None and (makers.calls_it(path, args) or not class_like(first.name)):
            judged = self._judge(first)
            if judged.standing is Standing.UNKNOWN:
                spot = Spot(first, judged, Use.CALLED, call, call.offset, passed_to=str(path))
                self._uses.unknown.append(spot)

    def _danger(self, path: Target, why: Judgement, call: Call) -> None:
        self._uses.dangerous.append(Spot(path, why, Use.CALLED, call, call.offset))
