"""PaddlePaddle's programs since version 3: JSON of regions, blocks and operators.

Names are shortened by dialect: ``0.`` is ``builtin``, ``1.`` ``pd_op``, ``2.`` ``cf``, ``3.``
``custom_op``. Source: ``paddle/fluid/pir/serialize_deserialize`` of PaddlePaddle 3.3.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..limits import KIB, MIB, Budget
from . import Parsed
from .paddle import PaddleOperator, PaddleProgram

_MOST_SIZE = 64 * MIB
_MOST = 1_000_000
_MOST_TEXT = KIB
_MOST_TEXTS = 100
_CUSTOM = ("3.", "custom_op.")
_TEXT, _ARRAY = "a_str", "a_array"


def looks_like_json(head: bytes) -> bool:
    """Return True for the first bytes of such a program, in whichever order its parts are."""
    if b'"base_code"' in head and b'"pir"' in head:
        return True
    return b'"program"' in head and b'"regions"' in head and b'"blocks"' in head


def parse_json(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a program.

    Returns:
        A ``PaddleProgram``.

    Raises:
        ParseError: It is no JSON, or there is no region of operators in it.
        LimitExceeded: It is larger than 64 MiB or has more than a million operators.
    """
    if artifact.reader.size > _MOST_SIZE:
        raise LimitExceeded(f"a program of more than {_MOST_SIZE} bytes is not read")
    try:
        document = json.loads(artifact.reader.pread(0, _MOST_SIZE))
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not JSON ({type(error).__name__})") from error
    program = document.get("program") if isinstance(document, dict) else None
    if not isinstance(program, dict) or not isinstance(program.get("regions"), list):
        raise ParseError("there is no region of operators in it")
    found: list[PaddleOperator] = []
    pending = [program]
    while pending:
        budget.check_time()
        for operation in _operations(pending.pop()):
            if len(found) >= _MOST:
                raise LimitExceeded(f"more than {_MOST} operators")
            found.append(_operator(operation))
            pending.append(operation)
    return Parsed(PaddleProgram(tuple(found)))


def _operations(owner: dict[str, object]) -> Iterator[dict[str, object]]:
    """Yield the operators in the regions of a program or an operator."""
    for region in _listed(owner.get("regions")):
        for block in _listed(region.get("blocks")):
            yield from _listed(block.get("ops"))


def _listed(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _operator(operation: dict[str, object]) -> PaddleOperator:
    full = operation.get("#")
    name = full[:_MOST_TEXT] if isinstance(full, str) else ""
    texts: list[tuple[str, str]] = []
    for attribute in _listed(operation.get("A")):
        key = str(attribute.get("N"))[:_MOST_TEXT]
        texts += [(key, text[:_MOST_TEXT]) for text in _texts(attribute.get("AT"))]
    kind = name.rpartition(".")[2]
    return PaddleOperator(
        kind.rstrip("_") or kind, tuple(texts[:_MOST_TEXTS]), 0, name.startswith(_CUSTOM)
    )


def _texts(value: object) -> Iterator[str]:
    """Yield the texts of an attribute: one, or those of a list."""
    if not isinstance(value, dict):
        return
    kind, held = str(value.get("#")), value.get("D")
    if kind.endswith(_TEXT) and isinstance(held, str):
        yield held
    elif kind.endswith(_ARRAY):
        for item in _listed(held):
            inner = item.get("D")
            if isinstance(inner, str) and str(item.get("#")).endswith(_TEXT):
                yield inner
