"""What each callable's parameters flow into: a fixpoint over the call graph."""

from __future__ import annotations

import tomllib
from collections import defaultdict, deque
from pathlib import Path
from typing import NamedTuple

from .facts import CallFact, Class, Function, ModuleFacts
from .link import Program, Target

FARTHEST = 4
"""Calls between a callable and the function that acts."""

ORDER = ("execute", "load-code", "deserialise", "import", "process", "network", "file")
"""Capabilities, worst first."""

BUILDING = (
    "__setstate__", "__new__", "__del__", "__setitem__", "append", "extend", "add", "__setattr__",
    "__hash__", "__eq__", "__getattr__", "__getattribute__",
)  # fmt: skip
"""Methods that an unpickler runs on an instance without being told to call them."""


class Reach(NamedTuple):
    """One way from a parameter to a function that acts.

    Attributes:
        distance: Calls in between.
        sink: The function.
        via: The first callable on the way, or empty.
    """

    distance: int
    sink: str
    via: str


Summary = dict[int, dict[str, Reach]]
"""Parameter index -> capability -> the shortest way."""


class Sinks:
    """The functions that act, from ``sinks.toml``."""

    def __init__(self) -> None:
        text = Path(__file__).with_name("sinks.toml").read_text(encoding="utf-8")
        self.table: dict[str, tuple[str, tuple[int | str, ...]]] = {}
        groups = tomllib.loads(text)
        self.harmless = frozenset(groups.pop("harmless")["names"])
        for capability, names in groups.items():
            for name, which in names.items():
                self.table[name] = (capability, tuple(which))

    def add_homes(self, modules: dict[str, ModuleFacts]) -> None:
        """Enter the places where the sources define what acts, beside where it is known."""
        plain = Program(modules, frozenset())
        for path, entry in list(self.table.items()):
            found = plain.resolve(path)
            if not isinstance(found, str):
                self.table.setdefault(f"{found.module}.{found.qualname}", entry)

    @property
    def paths(self) -> frozenset[str]:
        """Every name, to stop resolving at."""
        return frozenset(self.table) | self.harmless

    def taint(self, path: str, call: CallFact) -> tuple[str, int]:
        """Return the capability of a sink and the parameters that reach it."""
        capability, which = self.table[path]
        if not which:
            mask = call.spread
            for one in (*call.args, *call.keywords.values()):
                mask |= one
            return capability, mask
        mask = call.spread
        for one in which:
            if one == "self":
                mask |= call.owner
            elif isinstance(one, int):
                mask |= call.args[one] if one < len(call.args) else 0
            else:
                mask |= call.keywords.get(one, 0)
        return capability, mask


class Edge(NamedTuple):
    """A call of one audited function by another: taints by the callee's parameter."""

    caller: Function
    masks: tuple[int, ...]


class Audit:
    """Runs the fixpoint.

    Args:
        program: The linked sources.
        sinks: What to look for.
    """

    def __init__(self, program: Program, sinks: Sinks) -> None:
        self.program = program
        self.sinks = sinks
        self.summaries: dict[int, Summary] = defaultdict(dict)
        self.callers: dict[int, list[Edge]] = defaultdict(list)
        self.functions: dict[int, Function] = {}
        self.own_calls: dict[int, list[str | Function]] = defaultdict(list)
        self.appliers: set[int] = set()

    def run(self) -> None:
        """Fill ``summaries``."""
        for module in self.program.modules.values():
            owned = (f for kind in module.classes.values() for f in kind.methods.values())
            for function in (*module.functions.values(), *owned):
                self.functions[id(function)] = function
        for function in list(self.functions.values()):
            for call in function.calls:
                self._link(function, call)
            function.calls.clear()
        self._propagate()

    def _link(self, caller: Function, call: CallFact) -> None:
        path = call.target
        if path in ("!", "?.()"):
            self.appliers.add(id(caller))
            return
        if path == "builtins.getattr":
            self._getattr(caller, call)
            return
        if path.startswith("?."):
            if path in self.sinks.table:
                self._sink(caller, path, call)
            return
        target = self.program.callee(caller, path)
        self._own(caller, call, target)
        if isinstance(target, str):
            if target in self.sinks.table:
                self._sink(caller, target, call)
            return
        bound = not path.startswith(("super:",)) and ("self:" in path or "()." in path)
        for function, shift in self.entries(target):
            masks = bind(function, call, 1 if shift or bound or path.startswith("super:") else 0)
            if any(masks):
                self.callers[id(function)].append(Edge(caller, masks))
        if isinstance(target, Class):
            base = self.sink_base(target)
            if base and "__init__" not in target.methods:
                self._sink(caller, base, call)

    def _own(self, caller: Function, call: CallFact, target: Target) -> None:
        """Note a call of another method of the same object."""
        if not caller.owner:
            return
        if call.target.startswith("self:"):
            self.own_calls[id(caller)].append(call.target[5:].replace("()", ""))
        elif isinstance(target, Function) and target.owner:
            explicit = bool(call.args) and call.args[0] & 1
            if explicit or call.target.startswith("super:"):
                self.own_calls[id(caller)].append(target)

    def runs_on(self, owner: Class, start: Function) -> list[Function]:
        """Return the methods that a method of an object of exactly this class runs on it.

        Unlike the call graph, this follows ``self.m()`` of a base to the override of the class.
        """
        order = [start]
        for one in order:
            for name in self.own_calls.get(id(one), ()):
                method = self.program.attribute(owner, name) if isinstance(name, str) else name
                if isinstance(method, Function) and method not in order and len(order) < 40:
                    order.append(method)
        return order

    def sink_base(self, owner: Class) -> str:
        """Return the base of a class that is itself something that acts, or an empty string."""
        bases = (one for one in self.program.mro(owner) if isinstance(one, str))
        return next((one for one in bases if one in self.sinks.table), "")

    def entries(self, target: Target) -> list[tuple[Function, bool]]:
        """Return the functions that a call of a target runs, and whether the object is implied."""
        if isinstance(target, Function):
            return [(target, False)]
        if isinstance(target, str):
            return []
        found = []
        for name in ("__init__", "__new__", "__post_init__"):
            method = self.program.attribute(target, name)
            if isinstance(method, Function):
                found.append((method, True))
        return found

    def _getattr(self, caller: Function, call: CallFact) -> None:
        """Take ``getattr(given, given)`` in a plain function for resolving names."""
        if len(call.args) < 2 or caller.owner:
            return
        owner, name = call.args[:2]
        if owner and name and (owner | name).bit_count() > 1:
            self._note(caller, name, "import", Reach(0, "getattr", ""))

    def _sink(self, caller: Function, path: str, call: CallFact) -> None:
        capability, mask = self.sinks.taint(path, call)
        self._note(caller, mask, capability, Reach(0, path, ""))

    def _note(self, function: Function, mask: int, capability: str, way: Reach) -> bool:
        changed = False
        summary = self.summaries[id(function)]
        for place in range(len(function.params)):
            if mask >> place & 1:
                known = summary.setdefault(place, {})
                if capability not in known or known[capability].distance > way.distance:
                    known[capability] = way
                    changed = True
        return changed

    def _propagate(self) -> None:
        queue = deque(key for key, summary in self.summaries.items() if summary)
        waiting = set(queue)
        while queue:
            key = queue.popleft()
            waiting.discard(key)
            function = self.functions[key]
            for edge in self.callers.get(key, ()):
                if self._pass_on(function, self.summaries[key], edge):
                    caller = id(edge.caller)
                    if caller not in waiting:
                        waiting.add(caller)
                        queue.append(caller)

    def _pass_on(self, function: Function, summary: Summary, edge: Edge) -> bool:
        changed = False
        for place, ways in list(summary.items()):
            mask = edge.masks[place]
            if not mask:
                continue
            for capability, way in list(ways.items()):
                farthest = 1 if way.sink == "getattr" else FARTHEST
                if way.distance < farthest:
                    step = Reach(way.distance + 1, way.sink, function.qualname)
                    changed |= self._note(edge.caller, mask, capability, step)
        return changed

    def worst(self, function: Function, places: set[int] | None = None) -> tuple[str, Reach] | None:
        """Return the worst capability of a function's parameters, and the way to it."""
        best: dict[str, Reach] = {}
        for place, ways in self.summaries.get(id(function), {}).items():
            if places is not None and place not in places:
                continue
            for capability, way in ways.items():
                if capability not in best or way.distance < best[capability].distance:
                    best[capability] = way
        for capability in ORDER:
            if capability in best:
                return capability, best[capability]
        return None


def bind(function: Function, call: CallFact, shift: int) -> tuple[int, ...]:
    """Return the taint of each parameter of a function in a call.

    Args:
        function: What is called.
        call: With what.
        shift: 1 when the object itself is the first parameter and not among the arguments.
    """
    masks = [0] * len(function.params)
    if function.static:
        shift = 0
    if shift and masks:
        masks[0] |= call.owner
    for place, mask in enumerate(call.args, shift):
        if place < function.positional:
            masks[place] |= mask
        elif function.vararg >= 0:
            masks[function.vararg] |= mask
    for name, mask in call.keywords.items():
        if name in function.params:
            masks[function.params.index(name)] |= mask
        elif function.kwarg >= 0:
            masks[function.kwarg] |= mask
    if call.spread:
        # What is spread lands where nothing else was given.
        for place in range(shift + len(call.args), len(masks)):
            if function.params[place] not in call.keywords:
                masks[place] |= call.spread
    return tuple(masks)
