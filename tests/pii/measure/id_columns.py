"""Columns of numbers: random ids that mean nothing, and valid numbers under a vague header."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from .digits import digits, luhn, verhoeff
from .identities import pl_pesel

HEADERS = ("id", "uid", "order_ref", "permit", "parcel_id")
SIZES = (9, 10, 11, 16)


class Case(NamedTuple):
    """A table with one column of numbers.

    Attributes:
        name: File name, which says what is in it.
        data: The table.
        types: What it is to be flagged as, any of them; empty if it is not to be flagged.
    """

    name: str
    data: bytes
    types: frozenset[str]


def _table(rng: Random, header: str, numbers: list[str]) -> bytes:
    rows = [f"{number},{rng.random():.6f},{rng.choice('abc')}" for number in numbers]
    return "\n".join((f"{header},score,class", *rows, "")).encode()


def random_ids(seed: int, rows: int = 10_000) -> Iterator[Case]:
    """Yield a table for each header and number of digits; a finding in any is wrong."""
    for header in HEADERS:
        for size in SIZES:
            rng = Random(f"{seed}/{header}/{size}")
            numbers = [digits(rng, size, "123456789") for _ in range(rows)]
            name = f"{header}_{size}.csv"
            yield Case(name, _table(rng, header, numbers), frozenset())


def _card(rng: Random) -> str:
    body = digits(rng, 15, "4")
    return body + luhn(body)


def _aadhaar(rng: Random) -> str:
    body = digits(rng, 11, "23456789")
    return body + verhoeff(body)


def valid_ids(seed: int, rows: int = 10_000) -> Iterator[Case]:
    """Yield tables whose column ``value`` holds valid numbers of one type in every row."""
    made = {"CREDIT_CARD": _card, "IN_AADHAAR": _aadhaar, "PL_PESEL": pl_pesel}
    for kind, make in made.items():
        rng = Random(f"{seed}/{kind}")
        numbers = [make(rng) for _ in range(rows)]
        yield Case(f"value_{kind.lower()}.csv", _table(rng, "value", numbers), frozenset({kind}))
