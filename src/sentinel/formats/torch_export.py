"""The graph of a ``torch.export`` program: what its text would be turned into.

``models/<name>.json`` of a ``.pt2`` archive holds text that loading resolves or evaluates: the
target of each node is looked up attribute by attribute from ``torch``, ``operator`` or ``math``;
size expressions go to ``sympy.sympify``, which evaluates them; guards are compiled and run. Source:
``torch/_export/serde/serialize.py`` and ``torch/export/_unlift.py`` of PyTorch 2.13.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..findings import Gap
from ..limits import MIB, Budget
from . import Parsed
from .python_source import PythonSource, read_source

_MOST = 32 * MIB
_MOST_NAMES = 100_000


class ExportedProgram(NamedTuple):
    """What the text of an exported program names.

    Attributes:
        targets: Distinct targets of nodes, in order.
        expressions: Distinct size expressions.
        guards: The guards, as written.
        guard_source: What the guards reach as Python source; None when they are not Python.
    """

    targets: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    guard_source: PythonSource | None = None


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read the graph of an exported program.

    Returns:
        An ``ExportedProgram``; a gap when its guards are no Python.

    Raises:
        ParseError: It is no JSON.
        LimitExceeded: It is longer than 32 MiB, or names more than is kept.
    """
    if artifact.reader.size > _MOST:
        raise LimitExceeded(f"a graph of more than {_MOST} bytes is not read")
    budget.check_time()
    try:
        document = json.loads(artifact.reader.pread(0, _MOST))
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not JSON ({type(error).__name__})") from error
    found = _Texts(document)
    gaps: tuple[Gap, ...] = ()
    source: PythonSource | None = None
    try:
        source = read_source("\n".join(found.guards).encode("utf-8", "surrogatepass"))
    except ParseError as error:
        gaps = (Gap("malformed", artifact.location(), f"guards: {error.message}"),)
    return Parsed(
        ExportedProgram(
            tuple(found.targets), tuple(found.expressions), tuple(found.guards), source
        ),
        gaps=gaps,
    )


class _Texts:
    def __init__(self, document: object) -> None:
        self.targets: dict[str, None] = {}
        self.expressions: dict[str, None] = {}
        self.guards: dict[str, None] = {}
        for key, value in _pairs(document):
            if key == "target":
                self._keep(self.targets, value)
            elif key == "expr_str":
                self._keep(self.expressions, value)
            elif key == "guards_code" and isinstance(value, list):
                for guard in value:
                    self._keep(self.guards, guard)

    def _keep(self, where: dict[str, None], value: object) -> None:
        if isinstance(value, str):
            where[value] = None
            if len(where) > _MOST_NAMES:
                raise LimitExceeded(f"more than {_MOST_NAMES} names in one graph")


def _pairs(document: object) -> Iterator[tuple[str, object]]:
    """Yield every key with its value, at any depth, in order."""
    pending: list[object] = [document]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            yield from item.items()
            pending += reversed(item.values())
        elif isinstance(item, list):
            pending += reversed(item)
