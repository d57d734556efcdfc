"""What is said about a template: names it reaches for and work it asks for."""

from __future__ import annotations

from typing import NamedTuple


class Reach(NamedTuple):
    """One attribute, item or filter argument that names something.

    Attributes:
        line: Where.
        way: ``attribute`` (``x.name``), ``item`` (``x['name']``), ``attr`` (the filter),
            ``list`` (a filter that reads an attribute of each item) or ``format`` (within the
            braces of a format string).
        name: The name; empty when it is computed and not known.
        root: The variable at the head of the chain; empty when it is none.
        built: True when the name is put together by the template.
    """

    line: int
    way: str
    name: str
    root: str
    built: bool


class Demand(NamedTuple):
    """Much work or memory that a template asks for with constants.

    Attributes:
        line: Where.
        kind: ``rounds`` of loops, ``characters`` of text, or ``digits`` of a number.
        amount: How many, at least.
    """

    line: int
    kind: str
    amount: int


class Reached(NamedTuple):
    """What a template reaches for.

    Attributes:
        reaches: Each once.
        demands: Those of a hundred thousand or more.
    """

    reaches: tuple[Reach, ...]
    demands: tuple[Demand, ...]
