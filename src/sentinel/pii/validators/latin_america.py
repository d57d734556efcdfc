"""Numbers of people of Brazil and Spanish-speaking America south of Mexico."""

from __future__ import annotations

from .checksums import compact, digits, is_digits, luhn, weighted

_CUIT_TYPES = frozenset((20, 23, 24, 25, 26, 27, 30, 33, 34, 50, 51, 55))


def br_cpf(text: str) -> bool:
    """Whether it is a CPF: two check digits of 11."""
    number = digits(text, 11)
    return bool(number) and all(
        -weighted(number, range(size + 1, 1, -1)) % 11 % 10 == int(number[size]) for size in (9, 10)
    )


def br_cnpj(text: str) -> bool:
    """Whether it is a CNPJ, of digits alone or, as since July 2026, of letters too."""
    number = compact(text)
    if len(number) != 14 or not (number.isascii() and number.isalnum() and is_digits(number[12:])):
        return False
    values = [ord(character) - 48 for character in number]
    if len(set(number)) == 1:
        return False
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    for size in (12, 13):
        total = sum(v * w for v, w in zip(values, weights[13 - size :], strict=False))
        if -total % 11 % 10 != values[size]:
            return False
    return True


def cl_rut(text: str) -> bool:
    """Whether it is a Chilean RUT: a check of 11, K for ten."""
    number = compact(text)
    if not (8 <= len(number) <= 9 and is_digits(number[:-1])) or len(set(number)) == 1:
        return False
    body = number[:-1][::-1]
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(body))
    return "0123456789K0"[11 - total % 11 if total % 11 else 11] == number[-1]


def ar_cuit(text: str) -> bool:
    """Whether it is an Argentine CUIT or CUIL: type and a check of 11."""
    number = digits(text, 11)
    if not number or int(number[:2]) not in _CUIT_TYPES:
        return False
    check = 11 - weighted(number, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return check % 11 == int(number[10]) if check != 10 else number[10] == "9"


def uy_ci(text: str) -> bool:
    """Whether it is a Uruguayan cédula: weights 2-9-8-7-6-3-4, modulus 10."""
    number = digits(text, 7, 8).zfill(8)
    return int(number) > 0 and weighted(number, (2, 9, 8, 7, 6, 3, 4, 1)) % 10 == 0


def ec_ci(text: str) -> bool:
    """Whether it is an Ecuadorian cédula: province, a third digit of 6 at most, Luhn."""
    number = digits(text, 10)
    if not number or not (1 <= int(number[:2]) <= 24 or number[:2] in ("30", "50")):
        return False
    # Luhn's digit counts from the left here, which with ten digits is the same.
    return number[2] <= "6" and luhn(number)


def do_cedula(text: str) -> bool:
    """Whether it is a Dominican cédula: eleven digits with a Luhn digit."""
    number = digits(text, 11)
    return bool(number) and luhn(number)
