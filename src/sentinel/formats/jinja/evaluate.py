"""What expressions come to, as far as they are constant, and the names they reach for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from ...errors import LimitExceeded
from ...limits import Budget
from . import nodes as n
from .fold import (
    FILTERS,
    METHODS,
    MOST_ITEMS,
    MOST_VALUES,
    Values,
    bounded,
    braces,
    cut,
    item,
    join_all,
    merge,
    operate,
    shown,
)
from .reached import Demand, Reach

_STEPS = 400_000
_DEPTH = 150
_FOUND = 20_000
_CALLS = 4
_RANGE = 32
_COMBINED = 8
_NOTED = 100_000
_INSIDE = re.compile(r"[.\[]\s*['\"]?(\w+)")
_BY_ATTRIBUTE = frozenset(
    ("map", "selectattr", "rejectattr", "groupby", "sort", "unique", "sum", "min", "max", "join")
)
_POSITIONAL = {
    "selectattr": (0, 1), "rejectattr": (0, 1), "groupby": (0, 1), "sum": (0, 1), "join": (1, 2),
    "min": (1, 2), "max": (1, 2), "unique": (1, 2), "sort": (2, 3),
}  # fmt: skip
"""Where the name of an attribute stands among the arguments that have no name."""
_SIZES = frozenset(("center", "indent", "lipsum", "batch", "slice", "ljust", "rjust", "zfill"))
_WIDTH = re.compile(r"%[-+ #0]{0,4}(\d{6,18})|\{[^{}:]{0,50}:[^{}\d]{0,4}(\d{6,18})")
"""The width of a field in a format of either kind."""


class Evaluator:
    """Says what expressions may be, and notes what they reach for.

    Args:
        budget: Gives the time.

    Attributes:
        known: What variables may hold; attributes of namespaces by their dotted name.
        macros: Macros by name.
        reaches: What was reached for.
        demands: What was asked for.
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.known: dict[str, Values] = {}
        self.macros: dict[str, n.Macro] = {}
        self.reaches: dict[tuple[object, ...], Reach] = {}
        self.demands: list[Demand] = []
        self._steps = 0
        self._depth = 0
        self._calls = 0
        self._expressions: dict[type, Callable[[Any], Values]] = {
            n.Const: self._const, n.Name: self._name, n.Attr: self._attr, n.Item: self._item,
            n.Call: self._call, n.Filter: self._filter, n.Test: self._test,
            n.Unary: self._unary, n.Binary: self._binary, n.Cond: self._cond,
            n.Sequence: self._sequence, n.Mapping: self._mapping, n.Slice: self._slice,
        }  # fmt: skip

    def step(self) -> None:
        """Count one step. Raises LimitExceeded after too many, or out of time."""
        self._steps += 1
        if self._steps > _STEPS:
            raise LimitExceeded(f"a template that takes more than {_STEPS} steps to follow")
        if not self._steps % 4096:
            self.budget.check_time()

    def copy(self) -> dict[str, Values]:
        """Return what is known, to go back to it; a large copy counts as more steps."""
        self._steps += len(self.known) // 16
        self.step()
        return dict(self.known)

    def _reach(
        self, line: int, way: str, name: str, base: n.Expression | None, built: bool
    ) -> None:
        root = _root(base)
        key = (way, name, root, built)
        if key not in self.reaches:
            if len(self.reaches) >= _FOUND:
                raise LimitExceeded(f"a template that reaches for more than {_FOUND} names")
            self.reaches[key] = Reach(line, way, name, root, built)

    def demand(self, line: int, kind: str, amount: int) -> None:
        """Note an amount of rounds, characters or digits, if it is large."""
        if amount >= _NOTED and len(self.demands) < 100:
            self.demands.append(Demand(line, kind, amount))

    def value(self, node: n.Expression) -> Values:
        """Return what an expression may be, as far as it is constant."""
        self.step()
        self._depth += 1
        if self._depth > _DEPTH * 3:
            raise LimitExceeded("an expression nested too deeply")
        found = self._expressions[type(node)](node)
        self._depth -= 1
        return found

    def _const(self, node: n.Const) -> Values:
        return bounded(node.value)

    def _name(self, node: n.Name) -> Values:
        return self.known.get(node.name, ())

    def _slice(self, node: n.Slice) -> Values:
        for part in node[1:]:
            if part is not None:
                self.value(part)
        return ()

    def _attr(self, node: n.Attr) -> Values:
        self._reach(node.line, "attribute", node.name, node.base, False)
        base = self.value(node.base)
        if isinstance(node.base, n.Name):
            found = self.known.get(f"{node.base.name}.{node.name}")
            if found is not None:
                return found
        return merge(*(item(one, node.name) for one in base))

    def _item(self, node: n.Item) -> Values:
        base = self.value(node.base)
        if isinstance(node.key, n.Slice):
            ends = [self.value(part) if part is not None else (None,) for part in node.key[1:]]
            chosen = [(one, *rest) for one in base for rest in product(*ends)][:MOST_VALUES]
            return merge(*(cut(*each) for each in chosen))
        keys = self.value(node.key)
        built = not isinstance(node.key, n.Const)
        for key in keys:
            if isinstance(key, str):
                self._reach(node.line, "item", key, node.base, built)
        if not keys:
            self._reach(node.line, "item", "", node.base, True)
        return merge(*(item(one, key) for one in base for key in keys))

    def _given(self, arguments: n.Arguments) -> list[Values]:
        for one in arguments.spread:
            self.value(one)
        return [self.value(one) for one in arguments.values]

    def _call(self, node: n.Call) -> Values:
        given = self._given(node.arguments)
        named = {key: self.value(value) for key, value in node.arguments.named}
        if isinstance(node.function, n.Name):
            return self._call_name(node, node.function.name, given, named)
        base: Values = ()
        if isinstance(node.function, n.Attr):
            self._reach(node.line, "attribute", node.function.name, node.function.base, False)
            base = self.value(node.function.base)
            name = node.function.name
            if name in ("format", "format_map"):
                self._format(node.line, base, node.function.base)
                known = {key: values[0] for key, values in named.items() if values}
                if known:
                    return merge(*(bounded(braces(one, _firsts(given), known)) for one in base
                                   if isinstance(one, str)))  # fmt: skip
            if isinstance(node.function.base, n.Name):
                if name == "next":
                    return _spread(base)
                if name == "cycle":
                    return merge(*given)
            self._sizes(node.line, name, base, given)
            return _apply(METHODS.get(name, _unchanged), base, given)
        self.value(node.function)
        return ()

    def _call_name(
        self, node: n.Call, name: str, given: list[Values], named: dict[str, Values]
    ) -> Values:
        if name == "dict":
            return bounded({key: values[0] if values else "" for key, values in named.items()})
        if name == "range":
            count = self.count(node)
            self.demand(node.line, "rounds", count)
            return (list(range(count)),) if 0 < count <= _RANGE and len(given) == 1 else ()
        if name == "lipsum":
            self._sizes(node.line, name, (), [*given, *named.values()])
        if name in ("cycler", "joiner"):
            return ([shown(values[0]) if values else "" for values in given],) if given else ()
        macro = self.macros.get(name)
        if macro is None and name in self.known:
            return _spread(self.known[name])
        if macro is None or self._calls >= _CALLS:
            return ()
        self._calls += 1
        names = self.defaults(macro)
        names |= {key: value for (key, _), value in zip(macro.parameters, given, strict=False)}
        names |= {key: value for key, value in named.items() if key in names}
        before, self.known = self.known, self.copy() | names
        found = self.printed(macro.body)
        self.known = before
        self._calls -= 1
        return found

    def _format(self, line: int, base: Values, node: n.Expression | None) -> None:
        for one in base:
            if isinstance(one, str):
                for inside in re.findall(r"\{([^{}]{1,200})\}", one):
                    for name in _INSIDE.findall(inside):
                        self._reach(line, "format", name, node, True)

    def _filter(self, node: n.Filter) -> Values:
        base = self.value(node.base) if node.base is not None else ()
        given = self._given(node.arguments)
        named = {key: self.value(value) for key, value in node.arguments.named}
        if node.name == "attr":
            wanted = given[0] if given else named.get("name", ())
            constant = bool(node.arguments.values) and isinstance(node.arguments.values[0], n.Const)
            for name in wanted or ("",):
                self._reach(node.line, "attr", shown(name), node.base, not constant)
            return ()
        if node.name in _BY_ATTRIBUTE:
            self._by_attribute(node, given, named)
        if node.name == "map" and given:
            return self._mapped(base, given)
        self._sizes(node.line, node.name, base, given)
        if node.name in ("default", "d"):
            return merge(base, *given[:1])
        return _apply(FILTERS.get(node.name, _unchanged), base, given)

    def _sizes(self, line: int, name: str, base: Values, given: list[Values]) -> None:
        """Note how long a filter or method makes a text."""
        if name in _SIZES:
            for one in (value for values in given for value in values):
                if type(one) is int:
                    self.demand(line, "characters", one)
        elif name == "format":
            self._widths(line, base)

    def _widths(self, line: int, base: Values) -> None:
        for one in base:
            for match in _WIDTH.finditer(one) if isinstance(one, str) else ():
                self.demand(line, "characters", int(match[1] or match[2]))

    def _by_attribute(self, node: n.Filter, given: list[Values], named: dict[str, Values]) -> None:
        wanted = list(named.get("attribute", ()))
        for values in given[slice(*_POSITIONAL.get(node.name, (0, 0)))]:
            wanted += values
        if node.name == "map" and len(given) > 1 and "attr" in given[0]:
            wanted += given[1] or ("",)
        for one in wanted:
            for part in shown(one).split("."):
                self._reach(node.line, "list", part, node.base, True)

    def _mapped(self, base: Values, given: list[Values]) -> Values:
        found: list[Values] = []
        for name in given[0]:
            work = FILTERS.get(shown(name))
            for one in base:
                if work is not None and isinstance(one, list | str):
                    parts = [_apply(work, (each,), given[1:])[:1] for each in one]
                    found.append(bounded([part[0] for part in parts if part]))
        return merge(*found)

    def _test(self, node: n.Test) -> Values:
        self.value(node.base)
        self._given(node.arguments)
        return ()

    def _unary(self, node: n.Unary) -> Values:
        found = self.value(node.operand)
        if node.op == "not":
            return ()
        sign = -1 if node.op == "-" else 1
        return tuple(sign * one for one in found if type(one) is int)

    def _binary(self, node: n.Binary) -> Values:
        parts = [self.value(one) for one in node.items]
        if node.op == "~":
            return join_all(parts)
        if node.op == "or":
            return merge(*parts)
        found = parts[0]
        for part in parts[1:]:
            for left, right in product(found[:_COMBINED], part[:_COMBINED]):
                self._size_of(node, left, right)
            pairs = product(found[:_COMBINED], part[:_COMBINED])
            found = merge(*(operate(node.op, left, right) for left, right in pairs))
        return found

    def _size_of(self, node: n.Binary, left: object, right: object) -> None:
        if node.op == "*" and type(right) is int and isinstance(left, str | list):
            self.demand(node.line, "characters", len(left) * right)
        elif node.op == "*" and type(left) is int and isinstance(right, str | list):
            self.demand(node.line, "characters", len(right) * left)
        elif node.op == "%":
            self._widths(node.line, (left,))
        elif node.op == "**" and type(left) is int and type(right) is int and abs(left) > 1:
            self.demand(node.line, "digits", right * left.bit_length() // 4)

    def _cond(self, node: n.Cond) -> Values:
        self.value(node.test)
        yes = self.value(node.yes)
        return merge(yes, self.value(node.no) if node.no is not None else ())

    def _sequence(self, node: n.Sequence) -> Values:
        parts = [self.value(one) for one in node.items]
        if len(parts) > MOST_ITEMS or not any(parts):
            return () if parts else ([],)
        # The first candidates only: lists of alternatives would multiply.
        return ([part[0] if part else "" for part in parts],)

    def _mapping(self, node: n.Mapping) -> Values:
        found: dict[str | int, object] = {}
        for key, value in node.pairs:
            keys, values = self.value(key), self.value(value)
            if keys and isinstance(keys[0], str | int):
                found[keys[0]] = values[0] if values else ""
        return bounded(found)

    def count(self, node: n.Expression) -> int:
        """Return how many numbers ``range`` with constants gives; 0 for anything else."""
        if not isinstance(node, n.Call) or not isinstance(node.function, n.Name):
            return 0
        given = [self.value(one)[:1] for one in node.arguments.values]
        numbers = [part[0] for part in given if part and type(part[0]) is int]
        if node.function.name != "range" or len(numbers) != len(given) or not numbers:
            return 0
        start, stop = (0, numbers[0]) if len(numbers) == 1 else numbers[:2]
        step = abs(numbers[2]) if len(numbers) > 2 else 1
        return abs(stop - start) // max(1, step)

    def defaults(self, node: n.Macro) -> dict[str, Values]:
        """Return the parameters of a macro with their defaults."""
        return {
            name: () if default is None else self.value(default)
            for name, default in node.parameters
        }

    def printed(self, body: n.Body) -> Values:
        """Return what a body prints, where it is nothing but text and known values."""
        parts: list[Values] = []
        for statement in body:
            if isinstance(statement, n.Text):
                parts.append(bounded(statement.text))
            elif isinstance(statement, n.Output):
                parts.append(self.value(statement.value))
            elif not isinstance(statement, n.Comment | n.Assign | n.AssignBlock):
                return ()
        return merge(join_all(parts), tuple(shown(v).strip() for v in join_all(parts)))


def _unchanged(base: object, *given: object) -> Values:
    return (base,)


def _spread(found: Values) -> Values:
    """Return what a cycler, a joiner or a choice made of a list may give."""
    return merge(*(tuple(one[:MOST_VALUES]) if isinstance(one, list) else () for one in found))


def _root(node: n.Expression | None) -> str:
    while node is not None and not isinstance(node, n.Name):
        if isinstance(node, n.Attr | n.Item | n.Filter):
            node = node.base
        elif isinstance(node, n.Call):
            node = node.function
        else:
            return ""
    return node.name if node is not None else ""


def _firsts(given: list[Values]) -> list[object]:
    return [values[0] if values else "" for values in given]


def _apply(work: Callable[..., Values] | None, base: Values, given: list[Values]) -> Values:
    if work is None:
        return ()
    given = [values or ("",) for values in given]
    return merge(*_results(work, base, given))


def _results(work: Callable[..., Values], base: Values, given: list[Values]) -> Iterator[Values]:
    for one in base[:MOST_VALUES]:
        for arguments in list(product(*(part[:2] for part in given)))[:_COMBINED]:
            yield work(one, *arguments)
