"""JSON as a verifier must read it: bounded, one meaning only, and nothing of Python's own.

A document that two parsers read differently is a document that was signed as one thing and is used
as another; whatever allows that is refused here (duplicate keys, NaN, lone surrogates).
"""

from __future__ import annotations

import json
import math
from typing import NoReturn

from ..errors import TrustError
from ..limits import MIB

LIMIT = 64 * MIB
"""Largest document that is parsed, in bytes."""
_MOST_VALUES = 2_000_000
_DEPTH = 64


def loads(data: bytes, *, what: str, limit: int = LIMIT) -> object:
    """Parse a document.

    Args:
        data: The document in UTF-8.
        what: What it is, for error messages.
        limit: Most bytes it may have.

    Returns:
        Dictionaries, lists, strings, numbers, booleans and None.

    Raises:
        TrustError: The document is too large or too deep, is not JSON, or may be read in two ways.
    """
    if len(data) > limit:
        raise TrustError("too-large", f"{what}: larger than {limit} bytes")
    # Each of these begins or parts values: one that holds ten million is a bomb, not a document.
    if data.count(b",") + data.count(b"[") + data.count(b"{") > _MOST_VALUES:
        raise TrustError("too-large", f"{what}: more than {_MOST_VALUES} values")
    reader = _Reader(what)
    try:
        value: object = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=reader.pairs,
            parse_constant=reader.constant,
            parse_float=reader.floating,
        )
    except RecursionError:
        raise TrustError("json-depth", f"{what}: nested more than {_DEPTH} deep") from None
    except ValueError as error:  # not UTF-8, not JSON, or an integer of thousands of digits
        raise TrustError("json-invalid", f"{what}: not JSON: {_short(error)}") from None
    _check(value, what)
    return value


def canonical(value: object) -> bytes:
    """Return the one encoding of a value that digests are taken of.

    Sorted keys, no spaces, UTF-8, no escapes but those that JSON demands.

    Raises:
        TrustError: The value has something that JSON does not have.
    """
    try:
        return json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        ).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise TrustError("json-invalid", f"no JSON can be made of this: {_short(error)}") from None


class _Reader:
    """What the parser asks about pairs and numbers."""

    def __init__(self, what: str) -> None:
        self._what = what

    def pairs(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            seen: set[str] = set()
            double = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            raise TrustError("json-duplicate-key", f"{self._what}: {double[:80]!r} is there twice")
        return found

    def constant(self, text: str) -> NoReturn:
        raise TrustError("json-number", f"{self._what}: {text} is no number of JSON")

    def floating(self, text: str) -> float:
        number = float(text)
        if not math.isfinite(number):
            raise TrustError("json-number", f"{self._what}: {text[:40]} is too large a number")
        return number


def _check(value: object, what: str) -> None:
    level: list[object] = [value]
    for _ in range(_DEPTH + 1):
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item)
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            elif isinstance(item, str) and not item.isascii():
                _text(item, what)
        if not below:
            return
        level = below
    raise TrustError("json-depth", f"{what}: nested more than {_DEPTH} deep")


def _text(text: str, what: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise TrustError("json-text", f"{what}: half of a surrogate pair in a text") from None


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:120] if str(error) else type(error).__name__
