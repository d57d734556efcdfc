"""The tree of a template. Every node is a named tuple that begins with its line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

Value: TypeAlias = "str | int | float | bool | None"


class Const(NamedTuple):
    """A literal."""

    line: int
    value: Value


class Name(NamedTuple):
    """A variable."""

    line: int
    name: str


class Attr(NamedTuple):
    """``base.name``."""

    line: int
    base: Expression
    name: str


class Item(NamedTuple):
    """``base[key]``."""

    line: int
    base: Expression
    key: Expression


class Slice(NamedTuple):
    """``start:stop:step`` within brackets; None where left out."""

    line: int
    start: Expression | None
    stop: Expression | None
    step: Expression | None


class Arguments(NamedTuple):
    """Arguments of a call, filter or test; ``spread`` are those behind stars."""

    line: int
    values: tuple[Expression, ...] = ()
    named: tuple[tuple[str, Expression], ...] = ()
    spread: tuple[Expression, ...] = ()


class Call(NamedTuple):
    """``function(arguments)``."""

    line: int
    function: Expression
    arguments: Arguments


class Filter(NamedTuple):
    """``base | name(arguments)``; the base is None at the head of a filter block."""

    line: int
    base: Expression | None
    name: str
    arguments: Arguments


class Test(NamedTuple):
    """``base is name(arguments)``."""

    line: int
    base: Expression
    name: str
    arguments: Arguments


class Unary(NamedTuple):
    """``not``, ``-`` or ``+`` before a value."""

    line: int
    op: str
    operand: Expression


class Binary(NamedTuple):
    """Two or more values joined by one operator (``+ ~ and or`` in a row are one node)."""

    line: int
    op: str
    items: tuple[Expression, ...]


class Cond(NamedTuple):
    """``yes if test else no``."""

    line: int
    test: Expression
    yes: Expression
    no: Expression | None


class Sequence(NamedTuple):
    """A list or tuple."""

    line: int
    items: tuple[Expression, ...]


class Mapping(NamedTuple):
    """A dictionary."""

    line: int
    pairs: tuple[tuple[Expression, Expression], ...]


class Text(NamedTuple):
    """Text outside of all tags."""

    line: int
    text: str


class Comment(NamedTuple):
    """A comment."""

    line: int
    text: str


class Output(NamedTuple):
    """``{{ value }}``, also ``{% do value %}``."""

    line: int
    value: Expression


class For(NamedTuple):
    """A loop."""

    line: int
    target: Expression
    iterable: Expression
    condition: Expression | None
    body: Body
    otherwise: Body


class Branch(NamedTuple):
    """One branch of an ``if``; the test is None for ``else``."""

    line: int
    test: Expression | None
    body: Body


class If(NamedTuple):
    """An ``if`` with all of its branches."""

    line: int
    branches: tuple[Branch, ...]


class Assign(NamedTuple):
    """``set`` of a value, also the pairs of ``with``."""

    line: int
    target: Expression
    value: Expression


class AssignBlock(NamedTuple):
    """``set`` of what a block gives, through a filter where there is one."""

    line: int
    target: Expression
    filter: Expression | None
    body: Body


class Macro(NamedTuple):
    """A macro; parameters with their defaults."""

    line: int
    name: str
    parameters: tuple[tuple[str, Expression | None], ...]
    body: Body


class Block(NamedTuple):
    """Any other tag with a body, named by its tag; ``head`` is the expression it begins with."""

    line: int
    tag: str
    head: Expression | None
    body: Body


class Load(NamedTuple):
    """``include``, ``import``, ``from`` or ``extends`` of another template."""

    line: int
    tag: str
    source: Expression


class Other(NamedTuple):
    """A tag without a body, or one that is not known, with the expressions in it."""

    line: int
    tag: str
    values: tuple[Expression, ...]


Expression: TypeAlias = (
    "Const | Name | Attr | Item | Slice | Call | Filter | Test | Unary | Binary | Cond | Sequence"
    " | Mapping"
)
Statement: TypeAlias = (
    "Text | Comment | Output | For | If | Assign | AssignBlock | Macro | Block | Load | Other"
)
Body: TypeAlias = tuple[Statement, ...]


def walk(root: object) -> Iterator[object]:
    """Yield every node below and including a node or tuple of nodes, in order of the source."""
    pending = [root]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple):
            if hasattr(item, "_fields"):
                yield item
            pending += reversed(item)
