"""Arithmetic that check digits are made of, and the cleaning of numbers as they stand in text."""

from __future__ import annotations

from collections.abc import Sequence

# Space, no-break spaces, hyphens and dashes, full stop, slash.
_SEPARATORS = dict.fromkeys(map(ord, " -./\u00a0\u202f\u2010\u2011\u2012\u2013"))
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

# Multiplication in the dihedral group D5 and the permutation by place (Verhoeff, 1969).
_DIHEDRAL = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
_PERMUTATIONS = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)


def compact(text: str) -> str:
    """Return a value in upper case without the separators that people write in numbers."""
    return text.translate(_SEPARATORS).upper()


def digits(text: str, *lengths: int) -> str:
    """Return the digits of a number that has one of the given lengths.

    Empty when there is anything but digits and separators, when the length is another one, and
    when all digits are the same: no authority issues those, people type them.
    """
    number = text.translate(_SEPARATORS)
    if len(number) not in lengths or not is_digits(number):
        return ""
    return number if number != number[0] * len(number) else ""


def is_digits(text: str) -> bool:
    """Whether the text is one or more of 0 to 9; ``str.isdigit`` takes digits of any script."""
    return text.isascii() and text.isdigit()


def weighted(number: str, weights: Sequence[int]) -> int:
    """Return the sum of the digits times their weights; the shorter of both ends it."""
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))


def luhn(number: str) -> bool:
    """Whether the last digit is the Luhn check of the others (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) << (place & 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def verhoeff(number: str) -> bool:
    """Whether the last digit is the Verhoeff check of the others."""
    check = 0
    for place, digit in enumerate(reversed(number)):
        check = int(_DIHEDRAL[check][int(_PERMUTATIONS[place % 8][int(digit)])])
    return check == 0


def mod_11_10(number: str) -> bool:
    """Whether the last digit is the check of ISO 7064 MOD 11,10 over the others."""
    check = 5
    for digit in number[:-1]:
        check = (((check or 10) * 2) % 11 + int(digit)) % 10
    return (((check or 10) * 2) % 11 + int(number[-1])) % 10 == 1


def mod_11_2(number: str) -> bool:
    """Whether the last character is the check of ISO 7064 MOD 11-2 over the digits before."""
    check = 0
    for digit in number[:-1]:
        check = (check + int(digit)) * 2 % 11
    return "0123456789X"[(12 - check) % 11] == number[-1]


def mod_97_10(characters: str) -> int:
    """Return the remainder by 97, letters read as 10 to 35 (ISO 7064); -1 for other characters."""
    if not (characters.isascii() and characters.isalnum()):
        return -1
    return int("".join(str(int(c, 36)) for c in characters)) % 97


def is_date(year: int, month: int, day: int) -> bool:
    """Whether the day is in the calendar, of 1800 to 2099."""
    if not (1800 <= year <= 2099 and 1 <= month <= 12 and day >= 1):
        return False
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return day <= _MONTH_DAYS[month - 1] + leap


def short_date(yymmdd: str, *, centuries: tuple[int, ...] = (1900, 2000)) -> bool:
    """Whether six digits are year, month and day in one of the centuries."""
    year, month, day = int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:6])
    return any(is_date(century + year, month, day) for century in centuries)
