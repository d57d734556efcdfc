"""Makers of check digits, written from the issuers' definitions."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from hashlib import sha256
from random import Random

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

# Verhoeff's multiplication and permutation tables, from the dihedral group of order 10.
_PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
_INVERSE = (0, 4, 3, 2, 1, 5, 6, 7, 8, 9)


def digits(rng: Random, count: int, first: str = "0123456789") -> str:
    """Return ``count`` random digits, the first one out of ``first``."""
    return rng.choice(first) + "".join(rng.choices("0123456789", k=count - 1))


def luhn(payload: str) -> str:
    """Return the Luhn check digit of a number (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(payload)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def mod97(text: str) -> int:
    """Return the remainder by 97 of a text whose letters count as 10 to 35 (ISO 13616)."""
    return int("".join(str(int(letter, 36)) for letter in text)) % 97


def mod11_10(payload: str) -> str:
    """Return the check digit of ISO 7064 MOD 11,10."""
    product = 10
    for digit in payload:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def _dihedral(left: int, right: int) -> int:
    if left < 5:
        return (left + right) % 5 + (5 if right >= 5 else 0)
    return (left - right) % 5 + (0 if right >= 5 else 5)


def verhoeff(payload: str) -> str:
    """Return Verhoeff's check digit (Mathematisch Centrum tract 29, 1969)."""
    check = 0
    for place, digit in enumerate(reversed(payload), 1):
        value = int(digit)
        for _ in range(place % 8):
            value = _PERMUTATION[value]
        check = _dihedral(check, value)
    return str(_INVERSE[check])


def weighted(payload: str, weights: Sequence[int]) -> int:
    """Return the sum of the digits, each times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(payload, weights, strict=True))


def crc_tail(body: str) -> str:
    """Return the six-letter tail of GitHub's and npm's tokens: CRC-32 of the body in base 62."""
    value, tail = zlib.crc32(body.encode()), ""
    for _ in range(6):
        value, letter = divmod(value, 62)
        tail = BASE62[letter] + tail
    return tail


def base58check(payload: bytes) -> str:
    """Return bytes in base 58 with four bytes of double SHA-256 (Bitcoin addresses)."""
    data = payload + sha256(sha256(payload).digest()).digest()[:4]
    number, text = int.from_bytes(data), ""
    while number:
        number, letter = divmod(number, 58)
        text = BASE58[letter] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def _polymod(values: Sequence[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, word in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= word if top >> bit & 1 else 0
    return check


def segwit(program: bytes, prefix: str = "bc") -> str:
    """Return a version 0 witness program as a bech32 address (BIP 173)."""
    bits = "".join(f"{byte:08b}" for byte in program)
    bits += "0" * (-len(bits) % 5)
    words = [0, *(int(bits[at : at + 5], 2) for at in range(0, len(bits), 5))]
    human = [*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix)]
    check = _polymod([*human, *words, *[0] * 6]) ^ 1
    words += [check >> 5 * (5 - place) & 31 for place in range(6)]
    return prefix + "1" + "".join(BECH32[word] for word in words)


def urlsafe(data: bytes) -> str:
    """Return bytes in the base64 of URLs, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
