"""Numbers of people of central, eastern and south-eastern Europe."""

from __future__ import annotations

from .checksums import digits, is_date, mod_11_10, short_date, weighted

_SNILS_FREE = 1_001_998  # numbers up to this one were given out without a check
_CNP_CENTURIES = {"1": 1900, "2": 1900, "3": 1800, "4": 1800, "5": 2000, "6": 2000}
_CNP_COUNTIES = frozenset(f"{n:02}" for n in (*range(1, 49), 51, 52, 70, *range(80, 84)))


def pl_pesel(text: str) -> bool:
    """Whether it is a PESEL: birth date (the century is in the month) and weights 1-3-7-9."""
    number = digits(text, 11)
    if not number or weighted(number, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10:
        return False
    era, month = divmod(int(number[2:4]), 20)
    century = {0: 1900, 1: 2000, 4: 1800}.get(era, 0)
    return is_date(century + int(number[:2]), month, int(number[4:6]))


def cz_rc(text: str) -> bool:
    """Whether it is a Czech or Slovak rodné číslo: birth date, divisible by 11.

    Months of women are higher by 50; 20 is added where a day ran out of numbers (since 2004).
    Nine digits, of before 1954, have no check.
    """
    number = digits(text, 9, 10)
    if not number:
        return False
    year, month = int(number[:2]), int(number[2:4]) % 50 % 20
    if len(number) == 9:
        full = 1900 + year if year < 54 else 1800 + year
        return (year < 54 or year >= 80) and is_date(full, month, int(number[4:6]))
    full = 1900 + year if year >= 54 else 2000 + year
    check = int(number[:9]) % 11 % 10
    return is_date(full, month, int(number[4:6])) and check == int(number[9])


def hr_oib(text: str) -> bool:
    """Whether it is a Croatian OIB (ISO 7064 MOD 11,10)."""
    number = digits(text, 11)
    return bool(number) and mod_11_10(number)


def jmbg(text: str) -> bool:
    """Whether it is a JMBG of a country of former Yugoslavia: birth date, check of 11."""
    number = digits(text, 13)
    if not number:
        return False
    year = int(number[4:7])
    full = 1000 + year if year >= 800 else 2000 + year
    if not is_date(full, int(number[2:4]), int(number[:2])):
        return False
    total = weighted(number, (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2))
    return -total % 11 % 10 == int(number[12])


def bg_egn(text: str) -> bool:
    """Whether it is a Bulgarian EGN: birth date (the century is in the month), check of 11."""
    number = digits(text, 10)
    if not number:
        return False
    era, month = divmod(int(number[2:4]), 20)
    if era > 2 or (era, month) in ((1, 0), (2, 0)):
        return False
    full = (1900, 1800, 2000)[era] + int(number[:2])
    total = weighted(number, (2, 4, 8, 5, 10, 9, 7, 3, 6))
    return is_date(full, month, int(number[4:6])) and total % 11 % 10 == int(number[9])


def ro_cnp(text: str) -> bool:
    """Whether it is a Romanian CNP: sex and century, birth date, county, check of 11."""
    number = digits(text, 13)
    if not number or number[0] == "0" or number[7:9] not in _CNP_COUNTIES:
        return False
    century = _CNP_CENTURIES.get(number[0], 1900)
    if not short_date(number[1:7], centuries=(century,)):
        return False
    check = weighted(number, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return (1 if check == 10 else check) == int(number[12])


def gr_amka(text: str) -> bool:
    """Whether it is a Greek AMKA: birth date and Luhn."""
    from .checksums import luhn

    number = digits(text, 11)
    return bool(number) and short_date(number[4:6] + number[2:4] + number[:2]) and luhn(number)


def hu_taj(text: str) -> bool:
    """Whether it is a Hungarian TAJ: weights 3 and 7, modulus 10."""
    number = digits(text, 9)
    return bool(number) and weighted(number, (3, 7) * 4) % 10 == int(number[8])


def hu_tax_id(text: str) -> bool:
    """Whether it is a Hungarian adóazonosító jel: an 8, nine digits, check of 11."""
    number = digits(text, 10)
    return number[:1] == "8" and weighted(number, range(1, 10)) % 11 == int(number[9])


def ru_inn(text: str) -> bool:
    """Whether it is the INN of a person in Russia: twelve digits, two checks of 11."""
    number = digits(text, 12)
    if not number:
        return False
    first = weighted(number, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10
    second = weighted(number, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10
    return (first, second) == (int(number[10]), int(number[11]))


def ru_snils(text: str) -> bool:
    """Whether it is a Russian SNILS: weights 9 to 1, remainder by 101."""
    number = digits(text, 11)
    if not number or int(number[:9]) <= _SNILS_FREE:
        return False
    return weighted(number, range(9, 0, -1)) % 101 % 100 == int(number[9:])


def ua_rntrc(text: str) -> bool:
    """Whether it is a Ukrainian RNTRC (ІПН): ten digits, check of 11."""
    number = digits(text, 10)
    if not number:
        return False
    return weighted(number, (-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10 == int(number[9])


def tr_tckn(text: str) -> bool:
    """Whether it is a T.C. kimlik number: two check digits by 10."""
    number = digits(text, 11)
    if not number or number[0] == "0":
        return False
    tenth = (weighted(number, (7, -1) * 4 + (7,))) % 10
    return tenth == int(number[9]) and sum(map(int, number[:10])) % 10 == int(number[10])
