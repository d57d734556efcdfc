"""PaddlePaddle programs (``.pdmodel``, ``__model__``): operators and the text they are given.

Since version 3 programs are JSON (``paddle_json``). Parameters beside them are numbers
(``.pdiparams``) or pickles (``.pdparams``, ``.pdopt``), which are read as such. Numbers of fields:
``framework.proto`` of PaddlePaddle 2.6.
"""

from __future__ import annotations

from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..findings import Gap
from ..limits import KIB, Budget
from . import Parsed
from .protobuf import BYTES, VARINT, Field, Window
from .protobuf_shape import ANY, TEXT, Shape, fits

_MOST = 1_000_000
_MOST_TEXT = KIB
_DULL = frozenset(("op_role_var", "op_callstack", "op_namescope", "op_device"))

_OP = Shape({1: ANY, 2: ANY, 3: TEXT, 4: ANY, 5: VARINT}, frozenset((3,)))
_BLOCK = Shape({1: VARINT, 2: VARINT, 3: ANY, 4: _OP, 5: VARINT}, frozenset((1, 2)))
_PROGRAM = Shape({1: _BLOCK, 2: ANY, 3: ANY, 4: ANY, 5: ANY}, frozenset((1,)))


class PaddleOperator(NamedTuple):
    """One operator: its type, the attributes that are text, where it is, whether it is custom."""

    kind: str
    texts: tuple[tuple[str, str], ...]
    offset: int
    custom: bool = False


class PaddleProgram(NamedTuple):
    """The operators of a program, those of all blocks in order."""

    operators: tuple[PaddleOperator, ...]


def looks_like_program(artifact: Artifact, head: bytes) -> bool:
    """Return True for a program of PaddlePaddle, in either form."""
    if head.lstrip().startswith(b"{"):
        from .paddle_json import looks_like_json

        return looks_like_json(head)
    return fits(artifact, _PROGRAM)


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a program.

    Returns:
        A ``PaddleProgram``; a gap where its messages break off.

    Raises:
        ParseError: No block can be read.
        LimitExceeded: It has more than a million operators.
    """
    if artifact.reader.pread(0, KIB).lstrip().startswith(b"{"):
        from .paddle_json import parse_json

        return parse_json(artifact, budget)
    window = Window(artifact.reader, budget)
    found: list[PaddleOperator] = []
    gaps: tuple[Gap, ...] = ()
    blocks = 0
    try:
        for block in window.at(window.whole(), 1):
            blocks += 1
            for operator in window.at(block, 4):
                if len(found) >= _MOST:
                    raise LimitExceeded(f"more than {_MOST} operators")
                found.append(_operator(window, operator))
    except ParseError as error:
        if not found:
            raise
        gaps = (Gap("malformed", artifact.location(), error.message),)
    if not blocks:
        raise ParseError("there is no block of operators in it")
    return Parsed(PaddleProgram(tuple(found)), gaps=gaps)


def _operator(window: Window, field: Field) -> PaddleOperator:
    kind = ""
    texts: list[tuple[str, str]] = []
    for part in window.fields(field.start, field.end):
        if part.wire != BYTES:
            continue
        if part.number == 3:
            kind = window.text(part, _MOST_TEXT)
        elif part.number == 4:
            name = window.word(part, 1)
            if name in _DULL:
                continue
            for number in (5, 8):
                for held in window.at(part, number):
                    if held.value and len(texts) < 100:
                        texts.append((name, window.text(held, _MOST_TEXT)))
    return PaddleOperator(kind, tuple(texts), field.start)
