"""Joins files: what a dotted path comes to, through imports, re-exports and base classes."""

from __future__ import annotations

from .facts import Class, Function, ModuleFacts

_HOPS = 12

Target = Function | Class | str
"""A function or class of the sources, or the canonical path of something outside them."""


class Program:
    """Every module that is audited.

    Args:
        modules: Facts by module name.
        outside: Paths to stop at although the sources define them (the sinks).
    """

    def __init__(self, modules: dict[str, ModuleFacts], outside: frozenset[str]) -> None:
        self.modules = modules
        self.outside = outside
        self._known: dict[str, Target] = {}

    def resolve(self, path: str, hops: int = 0) -> Target:
        """Return what a dotted path comes to."""
        found = self._known.get(path)
        if found is None:
            found = self._resolve(path, hops) if hops < _HOPS else path
            if not hops:
                self._known[path] = found
        return found

    def _resolve(self, path: str, hops: int) -> Target:
        head, instance, method = path.partition("().")
        if instance:
            return self._method_of(head, method, hops)
        if path in self.outside:
            return path
        parts = path.split(".")
        for count in range(len(parts), 0, -1):
            module = self.modules.get(".".join(parts[:count]))
            if module is not None:
                rest = parts[count:]
                found = self._within(module, rest, hops) if rest else None
                return path if found is None else found
        return path

    def _method_of(self, head: str, method: str, hops: int) -> Target:
        made = self.resolve(head, hops + 1)
        if isinstance(made, Class):
            return (
                self.attribute(made, method, hops + 1) or f"{made.module}.{made.qualname}.{method}"
            )
        if isinstance(made, Function):
            return f"?.{method.rpartition('.')[2]}"
        return f"{made}.{method}"

    def _within(self, module: ModuleFacts, rest: list[str], hops: int) -> Target | None:
        first, more = rest[0], rest[1:]
        if first in module.functions and not more:
            return module.functions[first]
        if first in module.classes:
            return self._in_class(module.classes[first], module, more, hops)
        if first in module.names:
            target = module.names[first]
            if target != f"{module.name}.{first}":
                return self.resolve(".".join([target, *more]), hops + 1)
        for star in module.stars:
            inner = self.modules.get(star)
            if inner is not None and inner is not module and hops < _HOPS:
                found = self._within(inner, rest, hops + 1)
                if found is not None:
                    return found
        return None

    def _in_class(
        self, owner: Class, module: ModuleFacts, more: list[str], hops: int
    ) -> Target | None:
        if not more:
            full = f"{owner.module}.{owner.qualname}"
            return full if full in self.outside else owner
        inner = module.classes.get(f"{owner.qualname}.{more[0]}")
        if inner is not None:
            return self._in_class(inner, module, more[1:], hops)
        return self.attribute(owner, ".".join(more), hops)

    def mro(self, owner: Class) -> list[Class | str]:
        """Return a class and its bases, depth first; a base outside the sources as its path."""
        order: list[Class | str] = []
        queue: list[Class | str] = [owner]
        while queue and len(order) < 60:
            one = queue.pop(0)
            if one in order:
                continue
            order.append(one)
            if isinstance(one, Class):
                bases = [self.resolve(base) for base in one.bases]
                queue = [base for base in bases if not isinstance(base, Function)] + queue
        return order

    def attribute(self, owner: Class, name: str, hops: int = 0) -> Target | None:
        """Return what an attribute path of an instance comes to, or None."""
        first, _, more = name.partition(".")
        full = f"{owner.module}.{owner.qualname}.{name}"
        if full in self.outside:
            return full
        for one in self.mro(owner):
            if isinstance(one, str):
                if f"{one}.{name}" in self.outside:
                    return f"{one}.{name}"
                continue
            if first in one.methods and not more:
                return one.methods[first]
            made = one.attributes.get(first, "")
            if made.endswith(")") and not more:
                continue
            path = (f"{made}.{more}" if more else made) if made else one.aliases.get(first, "")
            if path.startswith("self:"):
                if path[5:].partition(".")[0] != first and hops < _HOPS:
                    return self.attribute(owner, path[5:], hops + 1)
                return None
            if path and hops < _HOPS:
                return self.resolve(path if made or not more else f"{path}.{more}", hops + 1)
        return None

    def callee(self, caller: Function, path: str) -> Target:
        """Return what a call in ``caller`` reaches; ``self:`` and ``super:`` by its class."""
        for mark in ("self:", "super:"):
            if path.startswith(mark):
                return self._of_this(caller, path[len(mark) :].lstrip("."), mark == "super:")
        return self.resolve(path)

    def _of_this(self, caller: Function, name: str, above: bool) -> Target:
        name = name.replace("()", "")
        owner = self.modules[caller.module].classes.get(caller.owner)
        if owner is None or not name:
            return f"?.{name}"
        if not above:
            return self.attribute(owner, name) or f"?.{name.rpartition('.')[2]}"
        for one in self.mro(owner)[1:]:
            if isinstance(one, str):
                if one in self.outside or f"{one}.{name}" in self.outside:
                    return one if name == "__init__" else f"{one}.{name}"
            elif name in one.methods:
                return one.methods[name]
        return f"?.{name}"
