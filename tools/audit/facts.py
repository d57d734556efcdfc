"""What one source file defines, imports and calls, with the parameters that flow into each call.

The flow is coarse on purpose: insensitive to order, a name is tainted by every parameter that any
assignment to it mentions, and the result of a call by all of its arguments. A taint is a bit set
over the parameters of the function.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import NamedTuple


class CallFact(NamedTuple):
    """One call.

    Attributes:
        target: Dotted path of what is called. ``T().m`` is a method of an instance of ``T``,
            ``self:m`` and ``super:m`` are methods of the enclosing class, ``?.m`` is a method of
            something unknown, ``!`` calls a parameter.
        args: Taints of the positional arguments.
        keywords: Taints of the keyword arguments.
        spread: Taint of what ``*`` and ``**`` spread.
        owner: Taint of the object whose method is called.
    """

    target: str
    args: tuple[int, ...]
    keywords: dict[str, int]
    spread: int
    owner: int


@dataclass(slots=True)
class Function:
    """A function or method.

    Attributes:
        module: Where it is defined.
        qualname: Its dotted name there.
        params: Names of its parameters in order; ``*`` and ``**`` ones last.
        positional: How many of them bind by position.
        vararg: Index of the ``*`` parameter, or -1.
        kwarg: Index of the ``**`` parameter, or -1.
        owner: Qualified name of the class that holds it, or empty.
        static: It does not take the object.
        calls: What it calls.
    """

    module: str
    qualname: str
    params: list[str]
    positional: int
    vararg: int
    kwarg: int
    owner: str = ""
    static: bool = False
    calls: list[CallFact] = field(default_factory=list)


@dataclass(slots=True)
class Class:
    """A class.

    Attributes:
        module: Where it is defined.
        qualname: Its dotted name there.
        bases: Dotted paths of its bases.
        methods: Its own functions by name.
        aliases: Other names assigned in its body, with the path of the value.
        attributes: Paths of what its methods put into attributes of ``self``.
    """

    module: str
    qualname: str
    bases: list[str]
    methods: dict[str, Function] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ModuleFacts:
    """A module: its functions, classes, and where its other names come from."""

    name: str
    package: bool
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    defined: set[str] = field(default_factory=set)


def imported(node: ast.Import | ast.ImportFrom, facts: ModuleFacts) -> dict[str, str]:
    """Return the names that an import binds, with their paths; stars go to the module."""
    if isinstance(node, ast.Import):
        return {
            one.asname or one.name.partition(".")[0]: one.name if one.asname
            else one.name.partition(".")[0]
            for one in node.names
        }  # fmt: skip
    base = node.module or ""
    if node.level:
        parts = facts.name.split(".")
        keep = len(parts) - node.level + (1 if facts.package else 0)
        base = ".".join([*parts[:keep], *([base] if base else [])])
    found = {}
    for one in node.names:
        if one.name == "*":
            facts.stars.append(base)
        else:
            found[one.asname or one.name] = f"{base}.{one.name}"
    return found
