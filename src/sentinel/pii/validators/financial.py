"""Payment cards, bank accounts and routing numbers."""

from __future__ import annotations

import re

from .checksums import compact, digits, luhn, mod_97_10, weighted
from .iban_registry import STRUCTURES

_SIXTEEN = range(16, 17)
# First and last prefix of a range of issuers (ISO/IEC 7812 and the networks' own manuals) and the
# lengths in use there; where ranges overlap, any of them will do.
_ISSUERS: tuple[tuple[str, str, tuple[int, ...] | range], ...] = (
    ("2200", "2204", range(16, 20)),  # Mir
    ("1800", "1800", (15,)),  # JCB
    ("2131", "2131", (15,)),
    ("2221", "2720", _SIXTEEN),  # Mastercard
    ("300", "305", range(14, 20)),  # Diners Club
    ("3095", "3095", range(14, 20)),
    ("34", "34", (15,)),  # American Express
    ("3528", "3589", range(16, 20)),  # JCB
    ("36", "36", range(14, 20)),
    ("37", "37", (15,)),
    ("38", "39", range(14, 20)),
    ("4", "4", (13, 16, 19)),  # Visa
    ("5018", "5020", range(12, 20)),  # Maestro
    ("5038", "5038", range(12, 20)),
    ("506099", "506198", (16, 18, 19)),  # Verve
    ("506699", "506778", _SIXTEEN),  # Elo
    ("508", "508", _SIXTEEN),  # RuPay
    ("509000", "509999", _SIXTEEN),
    ("51", "55", _SIXTEEN),
    ("56", "58", range(12, 20)),  # Maestro
    ("60", "60", range(16, 20)),  # Discover, RuPay, Hipercard
    ("62", "62", range(16, 20)),  # UnionPay
    ("6304", "6304", range(12, 20)),
    ("636297", "636297", _SIXTEEN),
    ("636368", "636368", _SIXTEEN),
    ("644", "649", range(16, 20)),
    ("65", "65", range(16, 20)),
    ("6759", "6763", range(12, 20)),
    ("6767", "6771", range(12, 20)),
    ("81", "82", range(16, 20)),
    ("9792", "9792", _SIXTEEN),  # Troy
)
_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\Z")
_MORE_COUNTRIES = """
AO AR AU BD BO BZ CA CL CM CN CO DZ EC ET GA GH HK ID IN IR JM JP KE KH KR LA LK LR MA MG ML MM MO
MX MY MZ NA NG NP NZ PA PE PG PH PR PY RW SG SN SR SY TH TT TW TZ UG US UY UZ VE VN YE ZA ZM ZW
"""
_ACCOUNT_COUNTRIES = frozenset(STRUCTURES) | frozenset(_MORE_COUNTRIES.split())


def card(text: str) -> bool:
    """Whether it is a payment card number: issuer range, its length and the Luhn digit."""
    number = digits(text, *range(12, 20))
    return bool(number) and _issued(number) and luhn(number)


def _issued(number: str) -> bool:
    return any(
        first <= number[: len(first)] <= last and len(number) in lengths
        for first, last, lengths in _ISSUERS
    )


def iban(text: str) -> bool:
    """Whether it is an IBAN: the country's structure and the check of 97 (ISO 13616)."""
    number = compact(text)
    structure = STRUCTURES.get(number[:2])
    if structure is None or not number[2:4].isdecimal() or not _built_as(number[4:], structure):
        return False
    return mod_97_10(number[4:] + number[:4]) == 1


def iban_digits(text: str) -> bool:
    """Whether a country's check of 97 holds, whatever the bank: for cells under a telling name."""
    number = compact(text)
    if number[:2] not in STRUCTURES or not (number.isascii() and number.isalnum()):
        return False
    return 15 <= len(number) <= 34 and mod_97_10(number[4:] + number[:4]) == 1


def _built_as(account: str, structure: str) -> bool:
    if not account.isascii():
        return False
    place = 0
    for kind, count in re.findall("([nac])([0-9]+)", structure):
        run = account[place : place + int(count)]
        place += int(count)
        fits = run.isdigit if kind == "n" else run.isalpha if kind == "a" else run.isalnum
        if len(run) != int(count) or not fits():
            return False
    return place == len(account)


def bic(text: str) -> bool:
    """Whether it is shaped as a BIC of a country that banks are in (ISO 9362)."""
    return _BIC.match(text) is not None and text[4:6] in _ACCOUNT_COUNTRIES


def us_routing(text: str) -> bool:
    """Whether it is an ABA routing number: a district of the Fed and the check of 3-7-1."""
    number = digits(text, 9)
    if not number or weighted(number, (3, 7, 1, 3, 7, 1, 3, 7, 1)) % 10:
        return False
    district = int(number[:2])
    return 1 <= district <= 12 or 21 <= district <= 32 or 61 <= district <= 72 or district == 80


def us_bank_account(text: str) -> bool:
    """Whether it may be an account number of a bank of the United States: 6 to 17 digits."""
    return bool(digits(text, *range(6, 18)))


def uk_sort_code(text: str) -> bool:
    """Whether it is six digits as a sort code of the United Kingdom or Ireland has them."""
    number = digits(text, 6)
    return bool(number) and "01" <= number[:2] <= "98"
