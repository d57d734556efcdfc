"""Makers of national identity numbers, each with its published check."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random

from .digits import digits, luhn, mod11_10, verhoeff, weighted

DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
_CONSONANTS = "BCDFGLMNPRSTV"
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Agenzia delle Entrate, DM 23/12/1976: values of the characters at odd places.
CF_ODD = (
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
)  # fmt: skip
_TOWNS = ("H501", "F205", "L219", "F839", "D612", "A944", "G273", "L736", "A662", "C351", "D969")
_REGIONS = (
    "110101", "110105", "310104", "310115", "440106", "440305", "330106", "320102",
    "510104", "500103", "420106", "610113", "370202", "210202", "430104",
)  # fmt: skip


def birthday(rng: Random) -> date:
    """Return a day on which somebody alive and of age may have been born."""
    return date(1940, 1, 1) + timedelta(days=rng.randrange(23_000))


def us_ssn(rng: Random) -> str:
    """Return a number that the SSA may have issued: no area 000, 666 or 9xx."""
    area = rng.choice([n for n in range(1, 773) if n != 666])
    text = f"{area:03}-{rng.randint(1, 99):02}-{rng.randint(1, 9999):04}"
    return text if len(set(text)) > 5 else us_ssn(rng)


def uk_nino(rng: Random) -> str:
    """Return a National Insurance number (HMRC NIM39110)."""
    first, second = rng.choice("ABCEGHJKLMNOPRSTWXYZ"), rng.choice("ABCEGHJKLMNPRSTWXYZ")
    if first + second in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}:
        return uk_nino(rng)
    number, suffix = digits(rng, 6), rng.choice("ABCD")
    if rng.random() < 0.5:
        return f"{first}{second}{number}{suffix}"
    return f"{first}{second} {number[:2]} {number[2:4]} {number[4:]} {suffix}"


def uk_nhs(rng: Random) -> str:
    """Return an NHS number, grouped 3-3-4 or not (NHS data dictionary, modulus 11)."""
    body = digits(rng, 9, "4567")
    check = 11 - weighted(body, range(10, 1, -1)) % 11
    if check == 10:
        return uk_nhs(rng)
    whole = body + str(check % 11)
    return whole if rng.random() < 0.4 else f"{whole[:3]} {whole[3:6]} {whole[6:]}"


def de_tax_id(rng: Random) -> str:
    """Return a Steuer-IdNr.: one digit of the first ten occurs twice, one is missing."""
    pool = rng.sample("0123456789", 9)
    pool.insert(rng.randrange(10), rng.choice(pool))
    body = "".join(pool)
    if body[0] == "0" or sorted(Counter(body).values())[-1] != 2:
        return de_tax_id(rng)
    whole = body + mod11_10(body)
    spaced = f"{whole[:2]} {whole[2:5]} {whole[5:8]} {whole[8:]}"
    return whole if rng.random() < 0.6 else spaced


def fr_nir(rng: Random) -> str:
    """Return a numéro de sécurité sociale with its key (97 minus the remainder by 97)."""
    born = birthday(rng)
    department = rng.choice([n for n in range(1, 96) if n != 20])
    body = f"{rng.choice('12')}{born:%y%m}{department:02}"
    body += f"{rng.randint(1, 600):03}{rng.randint(1, 400):03}"
    key = f"{97 - int(body) % 97:02}"
    if rng.random() < 0.5:
        return body + key
    return " ".join((body[0], body[1:3], body[3:5], body[5:7], body[7:10], body[10:], key))


def es_dni(rng: Random) -> str:
    """Return a DNI: eight digits and the letter of their remainder by 23."""
    body = digits(rng, 8, "1234567")
    return body + rng.choice(("", "", "-")) + DNI[int(body) % 23]


def es_nie(rng: Random) -> str:
    """Return a NIE: X, Y or Z for 0, 1 or 2, seven digits and the letter."""
    first, body = rng.choice("XYZ"), digits(rng, 7)
    return f"{first}{body}{DNI[int(str('XYZ'.index(first)) + body) % 23]}"


def it_cf(rng: Random) -> str:
    """Return a codice fiscale with its check letter."""
    letters = "".join(rng.choices(_CONSONANTS, k=6))
    born = birthday(rng)
    day = born.day + rng.choice((0, 40))
    body = f"{letters}{born:%y}{'ABCDEHLMPRST'[born.month - 1]}{day:02}{rng.choice(_TOWNS)}"
    total = 0
    for place, letter in enumerate(body):
        value = int(letter) if letter.isdigit() else ord(letter) - 65
        total += value if place % 2 else CF_ODD[value]
    return body + _UPPER[total % 26]


def in_aadhaar(rng: Random) -> str:
    """Return an Aadhaar number with Verhoeff's digit, grouped by four or not."""
    body = digits(rng, 11, "23456789")
    whole = body + verhoeff(body)
    return whole if rng.random() < 0.4 else f"{whole[:4]} {whole[4:8]} {whole[8:]}"


def in_pan(rng: Random) -> str:
    """Return a permanent account number of a person (fourth letter P)."""
    letters = "".join(rng.choices(_UPPER, k=3))
    number = rng.randint(1, 9999)
    return f"{letters}P{rng.choice(_UPPER)}{number:04}{rng.choice(_UPPER)}"


def br_cpf(rng: Random) -> str:
    """Return a CPF with its two check digits, punctuated or not."""
    text = digits(rng, 9)
    for _ in range(2):
        rest = weighted(text, range(len(text) + 1, 1, -1)) % 11
        text += str(0 if rest < 2 else 11 - rest)
    return text if rng.random() < 0.35 else f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}"


def cn_ric(rng: Random) -> str:
    """Return a resident identity card number (GB 11643-1999, MOD 11-2)."""
    body = f"{rng.choice(_REGIONS)}{birthday(rng):%Y%m%d}{rng.randint(1, 999):03}"
    check = (12 - weighted(body, [2 ** (17 - place) % 11 for place in range(17)])) % 11
    return body + "0123456789X"[check]


def pl_pesel(rng: Random) -> str:
    """Return a PESEL of somebody born between 1940 and 2003."""
    born = birthday(rng)
    month = born.month + (20 if born.year >= 2000 else 0)
    body = f"{born:%y}{month:02}{born:%d}{digits(rng, 4)}"
    return body + str(-weighted(body, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10)


def nl_bsn(rng: Random) -> str:
    """Return a burgerservicenummer (the elfproef with a last weight of minus one)."""
    body = digits(rng, 8, "123456789")
    check = weighted(body, range(9, 1, -1)) % 11
    return nl_bsn(rng) if check == 10 else body + str(check)


def ca_sin(rng: Random) -> str:
    """Return a social insurance number of a resident, grouped by three or not."""
    body = digits(rng, 8, "1234567")
    whole = body + luhn(body)
    mark = rng.choice(("-", " ", ""))
    return mark.join((whole[:3], whole[3:6], whole[6:]))
