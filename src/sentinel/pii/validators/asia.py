"""Numbers of people of Asia."""

from __future__ import annotations

import re

from .checksums import (
    compact,
    digits,
    is_date,
    luhn,
    mod_11_2,
    short_date,
    verhoeff,
    weighted,
)

_PAN = re.compile(r"[A-Z]{3}[ABCFGHJKLPT][A-Z][0-9]{4}[A-Z]\Z")
# Provinces of GB/T 2260, and the codes of residence permits for Hong Kong, Macao and Taiwan.
_CHINA = frozenset(
    (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55),
     *range(61, 66), 71, 81, 82, 83)
)  # fmt: skip
_NRIC = re.compile(r"[STFGM][0-9]{7}[A-Z]\Z")
_NRIC_LETTERS = {"S": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}
_HKID = re.compile(r"([A-Z]{1,2})([0-9]{6})\(?([0-9A])\)?\Z")
_TAIWAN = re.compile(r"([A-Z])[A-D1289][0-9]{8}\Z")
_TAIWAN_REGIONS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_NRIC_MALAYSIA = frozenset((*range(1, 17), *range(21, 60), *range(60, 69), 71, 72, 74, 75, 76, 77,
                            78, 79, *range(82, 94), 98, 99))  # fmt: skip
_NIK_PROVINCES = frozenset(
    (*range(11, 20), 21, *range(31, 37), *range(51, 54), *range(61, 66), *range(71, 77), 81, 82,
     *range(91, 98))
)  # fmt: skip


def cn_ric(text: str) -> bool:
    """Whether it is a Chinese identity number: province, birth date, ISO 7064 MOD 11-2."""
    number = compact(text)
    if len(number) != 18 or not digits(number[:17], 17) or number[17] not in "0123456789X":
        return False
    if int(number[:2]) not in _CHINA:
        return False
    born = is_date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    return born and mod_11_2(number)


def in_aadhaar(text: str) -> bool:
    """Whether it is an Aadhaar number: first digit 2 to 9, no palindrome, Verhoeff."""
    number = digits(text, 12)
    return number[:1] > "1" and number != number[::-1] and verhoeff(number)


def in_pan(text: str) -> bool:
    """Whether it is an Indian PAN: the kind of holder in the fourth letter, a serial."""
    number = compact(text)
    return _PAN.match(number) is not None and number[5:9] != "0000"


def kr_rrn(text: str) -> bool:
    """Whether it is a resident registration number with its check of 11.

    Numbers given out since October 2020 have none, and are only found by their column.
    """
    number = digits(text, 13)
    if not number or int(number[7:9]) > 96:
        return False
    lead = number[6]
    century = 1900 if lead in "1256" else 2000 if lead in "3478" else 1800
    if not short_date(number[:6], centuries=(century,)):
        return False
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    return (11 - weighted(number, weights) % 11) % 10 == int(number[12])


def jp_my_number(text: str) -> bool:
    """Whether it is a Japanese individual number: twelve digits with a check of 11."""
    number = digits(text, 12)
    if not number:
        return False
    rest = weighted(number, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest <= 1 else 11 - rest) == int(number[11])


def sg_nric(text: str) -> bool:
    """Whether it is an NRIC or FIN of Singapore: seven digits and their check letter."""
    number = compact(text)
    if _NRIC.match(number) is None:
        return False
    total = weighted(number[1:8], (2, 7, 6, 5, 4, 3, 2))
    total += {"T": 4, "G": 4, "M": 3}.get(number[0], 0)
    letters = _NRIC_LETTERS[{"T": "S", "G": "F"}.get(number[0], number[0])]
    return letters[total % 11] == number[8]


def hk_id(text: str) -> bool:
    """Whether it is a Hong Kong identity card: letters, six digits, check of 11."""
    match = _HKID.match(compact(text))
    if match is None:
        return False
    first = 36 * 9 if len(match[1]) == 1 else (ord(match[1][0]) - 55) * 9
    total = first + (ord(match[1][-1]) - 55) * 8 + weighted(match[2], range(7, 1, -1))
    check = 10 if match[3] == "A" else int(match[3])
    return (total + check) % 11 == 0


def tw_id(text: str) -> bool:
    """Whether it is a Taiwanese identity or resident number: region, sex, check of 10."""
    number = compact(text)
    match = _TAIWAN.match(number)
    if match is None:
        return False
    region = _TAIWAN_REGIONS.index(match[1]) + 10
    second = number[1]
    if second in "ABCD":
        second = str((_TAIWAN_REGIONS.index(second) + 10) % 10)
    total = region // 10 + region % 10 * 9
    return (total + weighted(second + number[2:], (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def my_nric(text: str) -> bool:
    """Whether it is shaped as a MyKad number: birth date and place; it has no check."""
    number = digits(text, 12)
    return bool(number) and short_date(number[:6]) and int(number[6:8]) in _NRIC_MALAYSIA


def th_pin(text: str) -> bool:
    """Whether it is a Thai identity number: weights 13 to 2, modulus 11."""
    number = digits(text, 13)
    if not number or number[0] in "09":
        return False
    return (11 - weighted(number, range(13, 1, -1)) % 11) % 10 == int(number[12])


def id_nik(text: str) -> bool:
    """Whether it is shaped as an Indonesian NIK: province, birth date (day + 40 for women)."""
    number = digits(text, 16)
    if not number or int(number[:2]) not in _NIK_PROVINCES or number[12:] == "0000":
        return False
    day = int(number[6:8])
    day -= 40 if day > 40 else 0
    return short_date(f"{number[10:12]}{number[8:10]}{day:02}")


def pk_cnic(text: str) -> bool:
    """Whether it is shaped as a Pakistani CNIC: province, serial, sex; it has no check."""
    number = digits(text, 13)
    return bool(number) and number[0] in "1234567" and number[12] != "0"


def il_id(text: str) -> bool:
    """Whether it is an Israeli identity number: nine digits with a Luhn digit."""
    number = digits(text, 8, 9).zfill(9)
    return int(number) > 0 and luhn(number)


def ae_id(text: str) -> bool:
    """Whether it is an Emirates ID: 784, year of birth, serial, Luhn."""
    number = digits(text, 15)
    return number[:3] == "784" and 1900 <= int(number[3:7]) <= 2029 and luhn(number)
