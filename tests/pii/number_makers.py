"""Makers of numbers in the shape of an identifier, right or wrong in their checks as chance has it.

``{6}`` in a template stands for six digits, ``{ymd}`` for a birth date, ``{A}`` for a capital
letter, ``{=XYZ}`` for one of these characters, ``{20|27}`` for one of these texts, ``{01..12}`` for
a number between; everything else is itself. One date in eight is none of the calendar.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from random import Random

Maker = Callable[[Random], str]
_FIELD = re.compile(r"\{([^}]*)\}")


def _date(rng: Random, *, century: bool = False) -> tuple[str, str, str]:
    year = rng.randint(1900, 2019)
    wrong = rng.random() < 0.125
    month = rng.randint(0, 14) if wrong else rng.randint(1, 12)
    day = rng.randint(0, 35) if wrong else rng.randint(1, 28 + rng.randint(0, 3))
    return f"{year:04}" if century else f"{year % 100:02}", f"{month:02}", f"{day:02}"


def _field(rng: Random, field: str) -> str:
    if field.isdigit():
        return "".join(rng.choices(string.digits, k=int(field)))
    if field == "A":
        return rng.choice(string.ascii_uppercase)
    if field in ("ymd", "dmy", "Ymd", "dmyyy"):
        year, month, day = _date(rng, century=field in ("Ymd", "dmyyy"))
        if field == "dmyyy":
            return day + month + year[1:]
        return year + month + day if field in ("ymd", "Ymd") else day + month + year
    if field.startswith("="):
        return rng.choice(field[1:])
    first, _, last = field.partition("..")
    if last.isdigit() and first.isdigit():
        return f"{rng.randint(int(first), int(last)):0{len(last)}}"
    return rng.choice(field.split("|"))


def template(*texts: str) -> Maker:
    """Return a maker that fills in one of the templates."""

    def make(rng: Random) -> str:
        text = rng.choice(texts)
        return _FIELD.sub(lambda match: _field(rng, match[1]), text)

    return make


def structure(structures: dict[str, str]) -> Maker:
    """Return a maker of account numbers by the structures of an IBAN registry."""
    alphabets = {"n": string.digits, "a": string.ascii_uppercase}

    def make(rng: Random) -> str:
        country = rng.choice(sorted(structures))
        text = country + f"{rng.randint(2, 98):02}"
        for kind, count in re.findall("([nac])([0-9]+)", structures[country]):
            alphabet = alphabets.get(kind, string.digits + string.ascii_uppercase)
            text += "".join(rng.choices(alphabet, k=int(count)))
        return text if rng.random() > 0.1 else text[:-1]

    return make


def checked(make: Maker, check: Callable[[str], str]) -> Maker:
    """Return a maker that puts the right check behind half of what another one makes."""

    def completed(rng: Random) -> str:
        text = make(rng)
        right = check(text)
        return text + (right if rng.random() < 0.5 else _field(rng, str(len(right))))

    return completed
