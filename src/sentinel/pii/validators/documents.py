"""Passports, identity cards and vehicles."""

from __future__ import annotations

import re

from .checksums import compact, is_digits, short_date

# The second line of a passport (TD3) or visa, of a TD2 card, of a TD1 card (ICAO Doc 9303).
_TD3 = re.compile(
    r"([A-Z0-9<]{9}[0-9])[A-Z]{1,3}<{0,2}([0-9]{7})[MFX<]([0-9]{7})[A-Z0-9<]{14,16}\Z"
)
_TD1 = re.compile(r"([0-9]{7})[MFX<]([0-9]{7})[A-Z]{1,3}<{0,2}[A-Z0-9<]{11}[0-9]\Z")
_TD2 = re.compile(r"([A-Z0-9<]{9}[0-9])[A-Z]{1,3}<{0,2}([0-9]{7})[MFX<]([0-9]{7})[A-Z0-9<]{8}\Z")
_WEIGHTS = (7, 3, 1)

_VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def mrz(text: str) -> bool:
    """Whether it is the machine-readable line of a passport or card, all its checks right."""
    for size, pattern in ((44, _TD3), (36, _TD2), (30, _TD1)):
        match = pattern.match(text) if len(text) == size else None
        if match is not None:
            return all(map(_checks, match.groups())) and _dated(match.groups()[-2:])
    return False


def _checks(field: str) -> bool:
    total = sum((0 if c == "<" else int(c, 36)) * _WEIGHTS[i % 3] for i, c in enumerate(field[:-1]))
    return total % 10 == int(field[-1])


def _dated(fields: tuple[str, ...]) -> bool:
    return all(short_date(field[:6]) for field in fields)


def passport(text: str) -> bool:
    """Whether it may be the number of a passport: six to nine characters, most of them digits."""
    number = compact(text)
    count = sum("0" <= c <= "9" for c in number)
    if not (6 <= len(number) <= 9 and number.isascii() and number.isalnum()):
        return False
    return count >= len(number) - 4 and len(set(number)) > 2 and number not in "0123456789"


def document_number(text: str) -> bool:
    """Whether it may be the number of a licence or a record: four digits or more, not all equal."""
    number = compact(text)
    count = sum("0" <= c <= "9" for c in number)
    if number.startswith("HL7") or not 5 <= len(number) <= 20:
        return False  # a table of HL7, which says what a field holds
    return count >= 4 and len(set(number)) > 2


def vin(text: str) -> bool:
    """Whether it is the identification number of a vehicle with its check digit (ISO 3779)."""
    number = text.upper()
    if len(number) != 17 or is_digits(number) or len(set(number)) < 6:
        return False
    total = 0
    for character, weight in zip(number, _VIN_WEIGHTS, strict=True):
        value = character if "0" <= character <= "9" else _VIN_VALUES.get(character)
        if value is None:
            return False
        total += int(value) * weight
    return "0123456789X"[total % 11] == number[8]


def license_plate(text: str) -> bool:
    """Whether it may be a licence plate: letters and digits both, four to nine of them."""
    plate = compact(text)
    count = sum("0" <= c <= "9" for c in plate)
    return 4 <= len(plate) <= 9 and 1 <= count < len(plate) and plate.isalnum()
