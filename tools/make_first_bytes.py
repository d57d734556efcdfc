"""Work out which bytes a file of each format can begin with: ``python -m tools.make_first_bytes``.

The hints of the format table are regular expressions; compiling all of them for one small file
takes longer than the scan, and trying all of them on each of thousands of files does too. What
their first byte may be is worked out here, from the parsed expression, into
``src/sentinel/formats/first_bytes.py``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sentinel.formats import FORMATS

HOME = Path(__file__).resolve().parent.parent / "src" / "sentinel" / "formats" / "first_bytes.py"
ALL = frozenset(range(256))
_parser: Any = re._parser  # type: ignore[attr-defined]


def _matching(pattern: bytes) -> frozenset[int]:
    return frozenset(byte for byte in range(256) if re.match(pattern, bytes((byte,))))


_CATEGORIES = {
    "CATEGORY_SPACE": _matching(rb"\s"),
    "CATEGORY_DIGIT": _matching(rb"\d"),
    "CATEGORY_WORD": _matching(rb"\w"),
    "CATEGORY_NOT_SPACE": _matching(rb"\S"),
    "CATEGORY_NOT_DIGIT": _matching(rb"\D"),
    "CATEGORY_NOT_WORD": _matching(rb"\W"),
}


def first_bytes(pattern: bytes) -> frozenset[int]:
    """Return the bytes that a match of the pattern can begin with."""
    found, empty = _sequence(_parser.parse(pattern))
    return ALL if empty else found


def _sequence(parts: Any) -> tuple[frozenset[int], bool]:
    found: frozenset[int] = frozenset()
    for operation, value in parts:
        more, empty = _one(str(operation), value)
        found |= more
        if not empty:
            return found, False
    return found, True


def _one(name: str, value: Any) -> tuple[frozenset[int], bool]:
    if name == "LITERAL":
        return frozenset((value,)), False
    if name == "NOT_LITERAL":
        return ALL - {value}, False
    if name == "IN":
        return _set(value), False
    if name == "BRANCH":
        branches = [_sequence(branch) for branch in value[1]]
        return frozenset().union(*(one for one, _ in branches)), any(empty for _, empty in branches)
    if name == "SUBPATTERN":
        return _sequence(value[-1])
    if name.endswith("REPEAT"):
        found, empty = _sequence(value[2])
        return found, empty or value[0] == 0
    if name in ("AT", "ASSERT", "ASSERT_NOT"):
        return frozenset(), True
    return ALL, False


def _set(items: Any) -> frozenset[int]:
    found: set[int] = set()
    negated = False
    for operation, value in items:
        name = str(operation)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            found.add(value)
        elif name == "RANGE":
            found.update(range(value[0], value[1] + 1))
        elif str(value) in _CATEGORIES:
            found |= _CATEGORIES[str(value)]
        else:
            return ALL
    return ALL - found if negated else frozenset(found)


def text() -> str:
    """Return the module's text."""
    lines = []
    for entry in FORMATS:
        if entry.hint:
            found = first_bytes(entry.hint)
            if found != ALL:
                lines.append(f"    {entry.name!r}: bytes.fromhex({bytes(sorted(found)).hex()!r}),")
    body = "\n".join(lines).replace("'", '"')
    return f'''"""Bytes that a file of a format can begin with, by its hint.

Written by ``tools.make_first_bytes``. A format that is not here may begin with any byte.
"""

from __future__ import annotations

# fmt: off
FIRST_BYTES: dict[str, bytes] = {{
{body}
}}
'''


if __name__ == "__main__":
    HOME.write_text(text(), encoding="utf-8")
