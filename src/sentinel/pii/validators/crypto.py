"""Addresses of wallets: base58check, bech32 and the mixed case of Ethereum."""

from __future__ import annotations

from .keccak import keccak_256

_BASE58 = {c: i for i, c in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}
# Versions of Bitcoin, Litecoin, Dogecoin, Dash and Tron in one byte, of Zcash in two.
_VERSIONS = frozenset((0x00, 0x05, 0x30, 0x32, 0x1E, 0x16, 0x4C, 0x10, 0x41, 0x1CB8, 0x1CBD))
_HASH_AND_CHECK = 24

_BECH32 = {c: i for i, c in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_CONSTANT, _BECH32M_CONSTANT = 1, 0x2BC830A3  # BIP 173, BIP 350
_PREFIXES = frozenset(("bc", "ltc"))
_HEX = frozenset("0123456789abcdefABCDEF")


def base58_address(text: str) -> bool:
    """Whether it is an address in base58check of a chain that people hold money in."""
    if not 25 <= len(text) <= 36:
        return False
    value = 0
    for character in text:
        digit = _BASE58.get(character)
        if digit is None:
            return False
        value = value * 58 + digit
    size = 25 if value.bit_length() <= 25 * 8 else 26
    if value.bit_length() > size * 8:
        return False
    raw = value.to_bytes(size, "big")
    version = int.from_bytes(raw[:-_HASH_AND_CHECK], "big")
    return version in _VERSIONS and _leading_ones(raw, text) and _checked(raw)


def _leading_ones(raw: bytes, text: str) -> bool:
    return len(raw) - len(raw.lstrip(b"\0")) == len(text) - len(text.lstrip("1"))


def _checked(raw: bytes) -> bool:
    from hashlib import sha256  # costs more to import than all the validators

    return sha256(sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:]


def bech32_address(text: str) -> bool:
    """Whether it is a SegWit address of Bitcoin or Litecoin (BIP 173 and BIP 350)."""
    if text not in (text.lower(), text.upper()):
        return False
    prefix, separator, data = text.lower().rpartition("1")
    if not separator or prefix not in _PREFIXES or not 14 <= len(data) <= 74:
        return False
    try:
        values = [_BECH32[character] for character in data]
    except KeyError:
        return False
    high = [ord(c) >> 5 for c in prefix]
    low = [ord(c) & 31 for c in prefix]
    constant = _BECH32M_CONSTANT if values[0] else _BECH32_CONSTANT
    return values[0] <= 16 and _polymod([*high, 0, *low, *values]) == constant


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return check


def ethereum_address(text: str) -> bool:
    """Whether it is 40 hexadecimal digits behind 0x, in a mix of cases that checks (EIP-55).

    One case alone has no check and passes, except for runs of few different digits, which stand
    for no address.
    """
    body = text[2:]
    if text[:2].lower() != "0x" or len(body) != 40 or not _HEX.issuperset(body):
        return False
    if len(set(body.lower())) < 8:
        return False
    return body in (body.lower(), body.upper()) or _mixed(body)


def ethereum_checksum(text: str) -> bool:
    """Whether it is an Ethereum address in the mix of cases that checks (EIP-55)."""
    body = text[2:]
    return body not in (body.lower(), body.upper()) and ethereum_address(text)


def _mixed(body: str) -> bool:
    nibbles = keccak_256(body.lower().encode("ascii")).hex()
    return all(
        character.isdigit() or character.isupper() == (nibble >= "8")
        for character, nibble in zip(body, nibbles, strict=False)
    )
