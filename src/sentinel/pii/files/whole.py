"""Files that hold one token and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .model import FileHit, Parser, value_hit

_TOKEN = re.compile(rb"\A\s{0,8}(?P<value>[!-~]{8,4096})\s{0,8}\Z")


def whole(rule: str, kind: str = "GENERIC_SECRET") -> Parser:
    """Return a parser for a file that is a token.

    Args:
        rule: Name of the reader.
        kind: Type of the token.
    """

    def parse(data: bytes) -> Iterator[FileHit]:
        match = _TOKEN.match(data) if len(data) <= 8_192 else None
        if match is not None:
            yield from value_hit(data, *match.span("value"), rule, kind=kind)

    return parse
