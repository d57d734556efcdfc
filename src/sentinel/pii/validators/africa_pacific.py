"""Numbers of people of Africa, Australia and New Zealand."""

from __future__ import annotations

from .checksums import digits, luhn, short_date, weighted

_EGYPT_REGIONS = frozenset((*range(1, 5), *range(11, 20), *range(21, 30), *range(31, 36), 88))


def au_tfn(text: str) -> bool:
    """Whether it is an Australian tax file number: eight or nine digits, check of 11."""
    number = digits(text, 8, 9)
    return bool(number) and weighted(number, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def au_abn(text: str) -> bool:
    """Whether it is an Australian business number: the check of 89."""
    number = digits(text, 11)
    if number < "11":  # the check digits start there
        return False
    weights = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
    return (weighted(number, weights) - weights[0]) % 89 == 0


def au_medicare(text: str) -> bool:
    """Whether it is an Australian Medicare card: first digit 2 to 6, check of the first eight."""
    number = digits(text, 10, 11)
    if not number or number[0] not in "23456":
        return False
    return weighted(number[:8], (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(number[8])


def nz_ird(text: str) -> bool:
    """Whether it is a New Zealand IRD number: two rounds of weights, modulus 11."""
    number = digits(text, 8, 9).zfill(9)
    if not 10_000_000 < int(number) < 150_000_000:
        return False
    check = -weighted(number[:8], (3, 2, 7, 6, 5, 4, 3, 2)) % 11
    if check == 10:
        check = -weighted(number[:8], (7, 4, 3, 2, 5, 2, 7, 6)) % 11
    return check == int(number[8])


def za_id(text: str) -> bool:
    """Whether it is a South African identity number: birth date, citizenship, Luhn."""
    number = digits(text, 13)
    return bool(number) and short_date(number[:6]) and number[10] in "01" and luhn(number)


def eg_nid(text: str) -> bool:
    """Whether it is shaped as an Egyptian national number: century, birth date, region."""
    number = digits(text, 14)
    if not number or number[0] not in "23" or int(number[7:9]) not in _EGYPT_REGIONS:
        return False
    return short_date(number[1:7], centuries=(1900 if number[0] == "2" else 2000,))
