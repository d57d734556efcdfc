"""Numbers of people of the Nordic and Baltic countries."""

from __future__ import annotations

import re

from .checksums import compact, digits, is_date, is_digits, luhn, short_date, weighted

_PERSONNUMMER = re.compile(r"((?:[0-9]{2})?[0-9]{6})[-+]?([0-9]{4})\Z")
_HETU = re.compile(r"([0-9]{6})([-+A-FU-Y])([0-9]{3})([0-9A-Y])\Z")
_HETU_CHECKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_HETU_CENTURIES = {"+": 1800} | dict.fromkeys("-UVWXY", 1900) | dict.fromkeys("ABCDEF", 2000)
_FNR_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_FNR_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


def se_personnummer(text: str) -> bool:
    """Whether it is a personnummer or samordningsnummer: birth date and Luhn.

    The day of a samordningsnummer is higher by 60.
    """
    match = _PERSONNUMMER.match(text.replace(" ", ""))
    if match is None or not match.string.isascii():
        return False
    date, tail = match[1], match[2]
    day = int(date[-2:])
    day -= 60 if day > 60 else 0
    if len(date) == 8:
        real = date[:2] in ("18", "19", "20") and is_date(int(date[:4]), int(date[4:6]), day)
    else:
        real = short_date(f"{date[:4]}{day:02}")
    return real and luhn(date[-6:] + tail)


def fi_hetu(text: str) -> bool:
    """Whether it is a henkilötunnus: birth date, century sign, serial, check of 31.

    Serials from 900 on are for the time being, or for tests.
    """
    match = _HETU.match(text.strip().upper())
    if match is None or not match.string.isascii():
        return False
    day, month, year = (int(match[1][i : i + 2]) for i in (0, 2, 4))
    if not 2 <= int(match[3]) < 900 or not is_date(_HETU_CENTURIES[match[2]] + year, month, day):
        return False
    return _HETU_CHECKS[int(match[1] + match[3]) % 31] == match[4]


def no_fnr(text: str) -> bool:
    """Whether it is a fødselsnummer or D-number: birth date and two checks of 11.

    The day of a D-number is higher by 40, the month of an H-number (issued by hospitals) too.
    """
    number = digits(text, 11)
    if not number:
        return False
    day, month = int(number[:2]), int(number[2:4])
    day -= 40 if day > 40 else 0
    month -= 40 if month > 40 else 0
    if not short_date(f"{number[4:6]}{month:02}{day:02}", centuries=_norse_centuries(number)):
        return False
    return weighted(number, _FNR_FIRST) % 11 == 0 == weighted(number, _FNR_SECOND) % 11


def _norse_centuries(number: str) -> tuple[int, ...]:
    serial, year = int(number[6:9]), int(number[4:6])
    if serial < 500:
        return (1900,)
    if year < 40:
        return (2000,)
    if serial < 750 and year >= 54:
        return (1800,)
    return (1900,) if serial >= 900 else ()


def dk_cpr(text: str) -> bool:
    """Whether it is shaped as a Danish CPR number: a birth date; since 2007 there is no check."""
    number = digits(text, 10)
    if not number:
        return False
    return short_date(number[4:6] + number[2:4] + number[:2], centuries=_danish_centuries(number))


def _danish_centuries(number: str) -> tuple[int, ...]:
    seventh, year = int(number[6]), int(number[4:6])
    if seventh <= 3:
        return (1900,)
    if seventh in (4, 9):
        return (2000,) if year <= 36 else (1900,)
    return (2000,) if year <= 57 else (1800,)


def is_kennitala(text: str) -> bool:
    """Whether it is an Icelandic kennitala: birth date (day + 40 for firms) and a check of 11."""
    number = digits(text, 10)
    if not number or number[9] not in "90":
        return False
    century = 1900 if number[9] == "9" else 2000
    day = int(number[:2])
    day -= 40 if day > 40 else 0
    if not is_date(century + int(number[4:6]), int(number[2:4]), day):
        return False
    return weighted(number, (3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def baltic_code(text: str) -> bool:
    """Whether it is an Estonian isikukood or a Lithuanian asmens kodas: date and check."""
    number = digits(text, 11)
    if not number or number[0] not in "12345678":
        return False
    century = 1800 + (int(number[0]) - 1) // 2 * 100
    if century > 2000 or not short_date(number[1:7], centuries=(century,)):
        return False
    check = weighted(number, (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if check == 10:
        check = weighted(number, (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return check == int(number[10])


def lv_pk(text: str) -> bool:
    """Whether it is a Latvian personas kods: 32 and digits, or a birth date with its check."""
    number = compact(text)
    if len(number) != 11 or not is_digits(number):
        return False
    if number.startswith("32"):
        return len(set(number[2:])) > 1
    if number[6] not in "012":
        return False
    century = 1800 + int(number[6]) * 100
    if not is_date(century + int(number[4:6]), int(number[2:4]), int(number[:2])):
        return False
    return (1 + weighted(number, (10, 5, 8, 4, 2, 1, 6, 3, 7, 9))) % 11 % 10 == int(number[10])
