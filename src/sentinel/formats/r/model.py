"""What the reader of R's objects hands to the rules: inert facts."""

# Not `from __future__ import annotations`: NamedTuple would compile each of them, at a cost.

from typing import NamedTuple


class RCode(NamedTuple):
    """Something in the file that R may evaluate.

    Attributes:
        kind: ``promise``, ``closure``, ``active binding`` or ``bytecode``.
        where: ``value`` (a value of the file itself or part of one, where R puts no promise) or
            ``environment`` (a variable of an environment that the file holds).
        name: Name of the variable it is bound to; empty when it is bound to none.
        forced: True for a promise that has its value already.
        symbols: Names and short texts that its code mentions, in order, up to a bound.
        offset: Where it starts.
    """

    kind: str
    where: str
    name: str
    forced: bool
    symbols: tuple[str, ...]
    offset: int


class RFile(NamedTuple):
    """What a file of R objects holds.

    Attributes:
        form: ``xdr``, ``ascii`` or ``binary``.
        version: Version of the serialisation.
        workspace: True for a file of named variables (``.rda``), False for one object (``.rds``).
        codes: What R may evaluate.
        names: Names of the variables of a workspace.
        counts: Number of objects by kind.
        packages: Packages and namespaces that reading it loads.
        hooks: Names that only R's own handler of references resolves.
        complete: True when it was read to its end.
        end: Offset behind it.
    """

    form: str
    version: int
    workspace: bool
    codes: tuple[RCode, ...]
    names: tuple[str, ...]
    counts: dict[str, int]
    packages: tuple[str, ...]
    hooks: tuple[str, ...]
    complete: bool
    end: int
