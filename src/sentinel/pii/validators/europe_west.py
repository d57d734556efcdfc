"""Numbers of people of western Europe."""

from __future__ import annotations

import re
from collections import Counter

from .checksums import compact, digits, is_digits, mod_11_10, short_date, weighted

_NINO = re.compile(r"[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z][0-9]{6}[A-D]\Z")
_NINO_UNUSED = frozenset(("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"))
_PPS = re.compile(r"([0-9]{7})([A-W])([ABHTWX]?)\Z")
_PPS_LETTERS = "WABCDEFGHIJKLMNOPQRSTUV"
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_NIR = re.compile(r"[12347890][0-9]{2}[0-9]{2}(?:[0-9]{2}|2[AB])[0-9]{8}\Z")
_NIR_MONTHS = frozenset((*range(1, 13), *range(20, 43), *range(50, 100)))
_RVNR = re.compile(r"[0-9]{8}[A-Z][0-9]{3}\Z")
_FISCAL = re.compile(
    r"[A-Z]{6}[0-9LMNP-V]{2}[ABCDEHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]\Z"
)
# Letters that stand for digits where two people would have the same code.
_FISCAL_DIGITS = str.maketrans("LMNPQRSTUV", "0123456789")
_FISCAL_MONTHS = "ABCDEHLMPRST"
# Values at odd places (DM 23 December 1976).
_FISCAL_ODD = (
    *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24),
    23,
)


def uk_nino(text: str) -> bool:
    """Whether it is a National Insurance number: prefix in use, suffix A to D (NIM39110)."""
    number = compact(text)
    return _NINO.match(number) is not None and number[:2] not in _NINO_UNUSED


def uk_nhs(text: str) -> bool:
    """Whether it is an NHS number: ten digits, weights 10 to 1, modulus 11."""
    number = digits(text, 10)
    return bool(number) and weighted(number, range(10, 0, -1)) % 11 == 0


def ie_pps(text: str) -> bool:
    """Whether it is a Personal Public Service number: check letter by modulus 23."""
    match = _PPS.match(compact(text))
    if match is None:
        return False
    extra = ord(match[3]) - 64 if match[3] in ("A", "B", "H") else 0
    total = weighted(match[1], range(8, 1, -1)) + extra * 9
    return _PPS_LETTERS[total % 23] == match[2]


def de_tax_id(text: str) -> bool:
    """Whether it is a steuerliche Identifikationsnummer (ISO 7064 MOD 11,10).

    Of its first ten digits one occurs two or three times, the others once at most.
    """
    number = digits(text, 11)
    if not number or number[0] == "0":
        return False
    repeated = [count for count in Counter(number[:10]).values() if count > 1]
    return repeated in ([2], [3]) and mod_11_10(number)


def de_pension(text: str) -> bool:
    """Whether it is a Rentenversicherungsnummer: area, birth date, initial, serial, check."""
    number = compact(text)
    if _RVNR.match(number) is None:
        return False
    day, month = int(number[2:4]) % 50, int(number[4:6])
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return False
    plain = f"{number[:8]}{ord(number[8]) - 64:02}{number[9:11]}"
    products = (
        int(d) * w for d, w in zip(plain, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True)
    )
    return sum(p // 10 + p % 10 for p in products) % 10 == int(number[11])


def at_vnr(text: str) -> bool:
    """Whether it is an Austrian Versicherungsnummer: serial, check digit, birth date."""
    number = digits(text, 10)
    if not number or number[0] == "0":
        return False
    return weighted(number, (3, 7, 9, -1, 5, 8, 4, 2, 1, 6)) % 11 == 0


def ch_ahv(text: str) -> bool:
    """Whether it is a Swiss AHV number: 756 and the check digit of an EAN-13."""
    number = digits(text, 13)
    return number[:3] == "756" and weighted(number, (1, 3) * 6 + (1,)) % 10 == 0


def fr_nir(text: str) -> bool:
    """Whether it is a numéro de sécurité sociale with its key: 97 less the remainder by 97."""
    number = compact(text)
    if _NIR.match(number) is None or int(number[3:5]) not in _NIR_MONTHS:
        return False
    plain = number[:13].replace("2A", "19", 1) if number[6] == "A" else number[:13]
    plain = plain.replace("2B", "18", 1) if number[6] == "B" else plain
    return 97 - int(plain) % 97 == int(number[13:])


def fr_spi(text: str) -> bool:
    """Whether it is a numéro fiscal of a person: three digits of the remainder by 511."""
    number = digits(text, 13)
    return bool(number) and number[0] in "0123" and int(number[:10]) % 511 == int(number[10:])


def be_nn(text: str) -> bool:
    """Whether it is a Belgian national (or BIS) number: birth date and 97 less the remainder.

    The number is taken with a 2 in front for those born since 2000. Months of BIS numbers are
    higher by 20 or 40; month and day may be 0 where the date is not known.
    """
    number = digits(text, 11)
    if not number:
        return False
    check = int(number[9:])
    centuries = [
        century
        for century, lead in ((1900, ""), (2000, "2"))
        if 97 - int(lead + number[:9]) % 97 == check
    ]
    month, day = int(number[2:4]), int(number[4:6])
    if centuries == [2000] and int(number[:2]) > 29:  # not born yet
        return False
    if month > 52 or not centuries:
        return False
    plain = f"{number[:2]}{month % 20:02}{day:02}"
    return month % 20 == 0 or day == 0 or short_date(plain, centuries=tuple(centuries))


def nl_bsn(text: str) -> bool:
    """Whether it is a burgerservicenummer: weights 9 to 2 and -1, modulus 11."""
    number = digits(text, 8, 9).zfill(9)
    return int(number) > 0 and weighted(number, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def es_dni(text: str) -> bool:
    """Whether it is a DNI: eight digits and the letter of their remainder by 23."""
    number = compact(text)
    if len(number) != 9 or not is_digits(number[:8]) or number[:8] == "0" * 8:
        return False
    return _DNI_LETTERS[int(number[:8]) % 23] == number[8]


def es_nie(text: str) -> bool:
    """Whether it is a NIE: as a DNI with X, Y or Z for the first digit."""
    number = compact(text)
    if len(number) != 9 or number[0] not in "XYZ":
        return False
    return es_dni(str("XYZ".index(number[0])) + number[1:])


def pt_nif(text: str) -> bool:
    """Whether it is a Portuguese tax number: weights 9 to 2, modulus 11."""
    number = digits(text, 9)
    if not number or number[0] == "0":
        return False
    return (11 - weighted(number, range(9, 1, -1)) % 11) % 11 % 10 == int(number[8])


def it_fiscal_code(text: str) -> bool:
    """Whether it is a codice fiscale of a person: letters, birth date, town, check letter."""
    number = compact(text)
    if _FISCAL.match(number) is None:
        return False
    year, day = (number[i : i + 2].translate(_FISCAL_DIGITS) for i in (6, 9))
    month = _FISCAL_MONTHS.index(number[8]) + 1
    if int(day) // 40 > 1 or not short_date(f"{year}{month:02}{int(day) % 40:02}"):
        return False
    values = [int(c) if c.isdigit() else ord(c) - 65 for c in number[:15]]
    total = sum(_FISCAL_ODD[value] for value in values[::2]) + sum(values[1::2])
    return chr(65 + total % 26) == number[15]
