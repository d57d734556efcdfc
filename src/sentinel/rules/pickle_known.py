"""Judgements of the names of one pickle, remembered, and the calls that need no further look."""

from __future__ import annotations

from ..formats.pickle.resolve import Target
from ..formats.pickle.values import Call, Global, Persistent, Value
from . import pickle_makers as makers
from .imports import Judgement, Standing, judge


class Known:
    """Remembers what is judged of names: a checkpoint has few, each in thousands of calls."""

    def __init__(self) -> None:
        self._judged: dict[tuple[str, str], Judgement] = {}
        self._safe: dict[Global, bool] = {}
        self._plain: dict[Global, bool] = {}

    def judge(self, path: Target) -> Judgement:
        """Return the judgement of a name."""
        key = (path.module, path.name)
        known = self._judged.get(key)
        if known is None:
            known = self._judged[key] = judge(*key)
        return known

    def needs_a_look(self, call: Call) -> bool:
        """Return False for the call of a plainly safe name that is handed only plain values."""
        callee = call.callee
        assert type(callee) is Global
        if callee not in self._safe:
            path = Target(callee.module, callee.name)
            judgement = self.judge(path)
            plain = judgement.standing is Standing.SAFE and not judgement.capability
            self._safe[callee] = plain and not makers.hands_out(path)
        return not (self._safe[callee] and self._inert(call.args, 3))

    def _inert(self, value: Value, depth: int) -> bool:
        """Return True for plain values: literals, tuples of them, empty objects of safe classes."""
        if type(value) is not tuple or not depth:
            return type(value) is int or type(value) is Persistent or self._blank(value)
        for item in value:  # a loop: this runs for every tensor of a checkpoint
            kind = type(item)
            if kind is not int and kind is not Persistent and not self._inert(item, depth - 1):
                return False
        return True

    def _blank(self, value: Value) -> bool:
        if type(value) is not Call or value.args != () or type(value.callee) is not Global:
            return False
        callee = value.callee
        if callee not in self._plain:
            judgement = self.judge(Target(callee.module, callee.name))
            self._plain[callee] = judgement.standing is Standing.SAFE
        return self._plain[callee] and not value.items and not value.states
