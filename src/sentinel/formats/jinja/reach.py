"""What a template reaches for: names of attributes, however they are spelled, and how much it asks.

The statements are followed once in order, with the constants that variables hold. Nothing is
rendered: a value that is not a constant is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import LimitExceeded
from ...limits import Budget
from . import nodes as n
from .evaluate import Evaluator
from .fold import MOST_VALUES, Values, item, merge
from .reached import Reached

_UNROLLED = 200
_DOUBLED = 20
_OVER_ITSELF = 4
"""How many loops over one list within one another are too many: a hundred messages to that power
are a hundred million rounds."""


def follow(body: n.Body, budget: Budget) -> Reached:
    """Return what the statements of a template reach for.

    Raises:
        LimitExceeded: It is too long, nested too deeply, or loops too much to be followed.
    """
    follower = _Follower(budget)
    try:
        follower.run(body)
    except RecursionError as error:
        raise LimitExceeded("a template nested too deeply") from error
    return Reached(tuple(follower.reaches.values()), tuple(follower.demands))


class _Follower(Evaluator):
    def __init__(self, budget: Budget) -> None:
        super().__init__(budget)
        self.rounds = 1
        self.over: list[str] = []
        self.sure = True
        self._statements: dict[type, Callable[[Any], None]] = {
            n.Output: self._output, n.For: self._for, n.If: self._if, n.Assign: self._assign,
            n.AssignBlock: self._assign_block, n.Macro: self._macro, n.Block: self._block,
            n.Load: self._load, n.Other: self._other,
        }  # fmt: skip

    def run(self, body: n.Body) -> None:
        for statement in body:
            self.step()
            handler = self._statements.get(type(statement))
            if handler is not None:
                handler(statement)

    def _scope(self, body: n.Body, names: dict[str, Values]) -> None:
        """Follow a body whose plain variables are its own, and keep what they may have been."""
        before = self.copy()
        self.known.update(names)
        self.run(body)
        for name, old in before.items():
            now = self.known.get(name, ())
            if now is not old and "." not in name:
                self.known[name] = merge(old, now)

    def _output(self, node: n.Output) -> None:
        self.value(node.value)

    def _other(self, node: n.Other) -> None:
        for one in node.values:
            self.value(one)

    def _load(self, node: n.Load) -> None:
        self.value(node.source)

    def _block(self, node: n.Block) -> None:
        if node.head is not None:
            self.value(node.head)
        self._scope(node.body, {})

    def _if(self, node: n.If) -> None:
        sure, self.sure = self.sure, False
        for branch in node.branches:
            if branch.test is not None:
                self.value(branch.test)
            self.run(branch.body)
        self.sure = sure

    def _assign(self, node: n.Assign) -> None:
        call = node.value
        named = isinstance(call, n.Call) and isinstance(call.function, n.Name)
        found = self.value(node.value)
        self._doubled(node)
        if named and isinstance(node.target, n.Name) and isinstance(call, n.Call):
            for key, value in call.arguments.named:
                self._set(f"{node.target.name}.{key}", self.value(value))
        self._bind(node.target, found)

    def _doubled(self, node: n.Assign) -> None:
        """Note a text that a loop joins with itself, which doubles it in each round."""
        if isinstance(node.value, n.Binary) and node.value.op in ("~", "+") and self.over:
            same = sum(_same_place(one, node.target) for one in node.value.items)
            if same > 1 and (self.rounds >= _DOUBLED or not self.over[-1].isdecimal()):
                self.demand(node.line, "characters", 1 << min(max(self.rounds, _DOUBLED), 62))

    def _assign_block(self, node: n.AssignBlock) -> None:
        self._scope(node.body, {})
        self._bind(node.target, self.printed(node.body))
        if node.filter is not None:
            self.value(node.filter)

    def _bind(self, target: n.Expression, found: Values) -> None:
        if isinstance(target, n.Sequence):
            for index, one in enumerate(target.items):
                parts = [item(value, index) for value in found]
                self._bind(one, merge(*parts))
        elif isinstance(target, n.Name):
            self._set(target.name, found)
        elif isinstance(target, n.Attr) and isinstance(target.base, n.Name):
            self._set(f"{target.base.name}.{target.name}", found)

    def _set(self, name: str, found: Values) -> None:
        self.known[name] = found if self.sure else merge(found, self.known.get(name, ()))

    def _macro(self, node: n.Macro) -> None:
        self.macros[node.name] = node
        self._scope(node.body, self.defaults(node))

    def _for(self, node: n.For) -> None:
        found = self.value(node.iterable)
        rounds, items = _items_of(found)
        count = self.count(node.iterable) or rounds
        before, sure = self.rounds, self.sure
        self.rounds = min(self.rounds * max(1, count), 1 << 62)
        if count > 1:
            self.demand(node.line, "rounds", self.rounds)
        self.over.append(str(count) if count else _named(node.iterable))
        if self.over[-1] and self.over.count(self.over[-1]) == _OVER_ITSELF and not count:
            self.demand(node.line, "rounds", 100**_OVER_ITSELF)
        if items is None or len(items) > _UNROLLED or node.condition is not None:
            self.sure = False
            self._round(node, merge(tuple(items[:MOST_VALUES]) if items else ()))
        else:
            for one in items:
                self._round(node, (one,))
        self.rounds, self.sure = before, sure
        self.over.pop()
        self._scope(node.otherwise, {})

    def _round(self, node: n.For, found: Values) -> None:
        before = self.copy()
        self._bind(node.target, found)
        if node.condition is not None:
            self.value(node.condition)
        names, self.known = self.known, before
        self._scope(node.body, {key: value for key, value in names.items() if "." not in key})


def _named(node: n.Expression) -> str:
    return node.name if isinstance(node, n.Name) else ""


def _same_place(one: n.Expression, other: n.Expression) -> bool:
    """Return True for the same variable, or the same attribute of one."""
    if isinstance(one, n.Attr) and isinstance(other, n.Attr):
        return one.name == other.name and _same_place(one.base, other.base)
    return isinstance(one, n.Name) and isinstance(other, n.Name) and one.name == other.name


def _items_of(found: Values) -> tuple[int, list[object] | None]:
    """Return how many rounds a loop over a value takes, and its items where they are known."""
    for value in found:
        if isinstance(value, list | str | dict):
            return len(value), list(value)
    return 0, None
