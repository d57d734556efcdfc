"""Numbers of people of the United States, Canada and Mexico."""

from __future__ import annotations

import re

from .checksums import compact, digits, luhn, short_date

# Printed in wallets and advertisements, never to be anybody's (SSA).
_SPECIMENS = frozenset(("078051120", "457555462", "219099999"))
_ITIN_GROUPS = frozenset((*range(50, 66), *range(70, 89), 90, 91, 92, *range(94, 100)))
_DEA_CODES = frozenset("ABCDEFGHJKLMPRSTUX")
_MBI = re.compile(
    "[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]"
    r"[AC-HJKMNP-RT-Y]{2}[0-9]{2}\Z"
)
_CURP = re.compile(
    r"[A-Z][AEIOUX][A-Z]{2}([0-9]{6})[HMX]([A-Z]{2})[B-DF-HJ-NP-TV-Z]{3}([0-9A-Z])[0-9]\Z"
)
_CURP_STATES_TEXT = """
AS BC BS CC CH CL CM CS DF DG GR GT HG JC MC MN MS NE NL NT OC PL QR QT SL SP SR TC TL TS VZ YN ZS
"""
_CURP_STATES = frozenset(_CURP_STATES_TEXT.split())
_CURP_VALUES = {c: i for i, c in enumerate("0123456789ABCDEFGHIJKLMN\u00d1OPQRSTUVWXYZ")}


def us_ssn(text: str) -> bool:
    """Whether the SSA may have issued it: no area 000, 666 or 9xx, no group 00, no serial 0000."""
    number = digits(text, 9)
    if not number or number in _SPECIMENS:
        return False
    area, group, serial = number[:3], number[3:5], number[5:]
    if area in ("000", "666") or area >= "900":
        return False
    return group != "00" and serial != "0000"


def us_itin(text: str) -> bool:
    """Whether the IRS may have issued it: 9xx and a group in use (IRM 3.21.263)."""
    number = digits(text, 9)
    return bool(number) and number[0] == "9" and int(number[3:5]) in _ITIN_GROUPS


def us_npi(text: str) -> bool:
    """Whether it is a National Provider Identifier: Luhn over 80840 and the number (CMS)."""
    number = digits(text, 10)
    return bool(number) and number[0] in "12" and luhn("80840" + number)


def us_dea(text: str) -> bool:
    """Whether it is a DEA registration: code, initial, six digits and their check."""
    number = compact(text)
    if len(number) != 9 or number[0] not in _DEA_CODES or not digits(number[2:], 7):
        return False
    if not (number[1] == "9" or "A" <= number[1] <= "Z"):
        return False
    odd, even = (sum(map(int, number[start:8:2])) for start in (2, 3))
    return (odd + 2 * even) % 10 == int(number[8])


def us_mbi(text: str) -> bool:
    """Whether it is shaped as a Medicare Beneficiary Identifier (CMS, since 2018)."""
    return _MBI.match(compact(text)) is not None


def ca_sin(text: str) -> bool:
    """Whether it is a Social Insurance Number: Luhn, first digit not 0 or 8."""
    number = digits(text, 9)
    return bool(number) and number[0] not in "08" and luhn(number)


def mx_curp(text: str) -> bool:
    """Whether it is a CURP: letters, birth date, sex, state, consonants and the check digit."""
    number = text.upper()
    match = _CURP.match(number)
    if match is None or match[2] not in _CURP_STATES:
        return False
    century = 1900 if match[3].isdigit() else 2000
    total = sum(_CURP_VALUES[c] * (18 - i) for i, c in enumerate(number[:17]))
    return short_date(match[1], centuries=(century,)) and -total % 10 == int(number[17])
