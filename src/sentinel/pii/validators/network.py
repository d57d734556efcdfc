"""Addresses of machines: IPv4 and IPv6 that anybody may reach, hardware, devices."""

from __future__ import annotations

import re

from .checksums import digits, luhn

# First and last address of the blocks that are nobody's (IANA special-purpose registry).
_SPECIAL_V4 = (
    ((0, 0, 0, 0), (0, 255, 255, 255)),
    ((10, 0, 0, 0), (10, 255, 255, 255)),
    ((100, 64, 0, 0), (100, 127, 255, 255)),
    ((127, 0, 0, 0), (127, 255, 255, 255)),
    ((169, 254, 0, 0), (169, 254, 255, 255)),
    ((172, 16, 0, 0), (172, 31, 255, 255)),
    ((192, 0, 0, 0), (192, 0, 0, 255)),
    ((192, 0, 2, 0), (192, 0, 2, 255)),
    ((192, 88, 99, 0), (192, 88, 99, 255)),
    ((192, 168, 0, 0), (192, 168, 255, 255)),
    ((198, 18, 0, 0), (198, 19, 255, 255)),
    ((198, 51, 100, 0), (198, 51, 100, 255)),
    ((203, 0, 113, 0), (203, 0, 113, 255)),
    ((224, 0, 0, 0), (255, 255, 255, 255)),
)
# Resolvers that everybody has in a configuration.
_RESOLVERS_TEXT = """
1.1.1.1 1.0.0.1 1.2.3.4 8.8.8.8 8.8.4.4 9.9.9.9 4.4.4.4 4.2.2.1 4.2.2.2 208.67.222.222
208.67.220.220 12.34.56.78 114.114.114.114 223.5.5.5 223.6.6.6 119.29.29.29
"""
_RESOLVERS = frozenset(_RESOLVERS_TEXT.split())
_REGISTRIES_V6 = frozenset((0x24, 0x26, 0x28, 0x2A, 0x2C))
_HEXTET = re.compile(r"[0-9A-Fa-f]{1,4}\Z")
_MAC = re.compile(
    r"(?:[0-9A-Fa-f]{2}[:-]?){5}[0-9A-Fa-f]{2}\Z|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}\Z"
)
_MAC_SPECIMENS_TEXT = """
001122334455 112233445566 aabbccddeeff 123456789abc 0123456789ab 010203040506 deadbeefcafe
abcdefabcdef 00005e005301 001b44113ab7 001a2b3c4d5e 0a0b0c0d0e0f a1b2c3d4e5f6
"""
_MAC_SPECIMENS = frozenset(_MAC_SPECIMENS_TEXT.split())


def ipv4(text: str) -> bool:
    """Whether it is an IPv4 address of the public internet and of one machine in it."""
    parts = text.split(".")
    if len(parts) != 4 or not all(p.isascii() and p.isdigit() and len(p) <= 3 for p in parts):
        return False
    octets = tuple(int(part) for part in parts)
    if any(str(octet) != part or octet > 255 for octet, part in zip(octets, parts, strict=True)):
        return False
    if octets[3] in (0, 255) or text in _RESOLVERS or len(set(octets)) == 1:
        return False
    return not any(first <= octets <= last for first, last in _SPECIAL_V4)


def ipv6(text: str) -> bool:
    """Whether it is an IPv6 address of the public internet: 2000::/3 less documentation."""
    head, double, tail = text.partition("::")
    groups = head.split(":") + (tail.split(":") if tail else [])
    if not all(_HEXTET.match(group) for group in groups):
        return False
    if len(groups) != 8 and not (double and len(groups) < 8):
        return False
    if not len(groups) >= 3:
        return False
    first, second = (int(group, 16) for group in groups[:2])
    documentation = (first == 0x2001 and second == 0xDB8) or (first == 0x3FFF and second < 0x1000)
    resolvers = (first == 0x2001 and second == 0x4860) or (first == 0x2606 and second == 0x4700)
    if not _is_given_out(first, second):
        return False
    return not documentation and not (resolvers and len(groups) < 8)


def _is_given_out(first: int, second: int) -> bool:
    """Whether IANA has given the block to a registry (IPv6 unicast assignments, 2025)."""
    if first == 0x2001:
        return second >= 0x200  # below are protocols: Teredo, benchmarks
    return first in (0x2002, 0x2003) or (first >> 8) in _REGISTRIES_V6


def mac(text: str) -> bool:
    """Whether it is the hardware address of one interface, and none that manuals print."""
    if _MAC.match(text) is None:
        return False
    plain = text.translate(dict.fromkeys(map(ord, ":-."))).lower()
    if plain in _MAC_SPECIMENS or plain.startswith("00005e") or len(set(plain)) < 4:
        return False
    return int(plain[:2], 16) & 1 == 0


def imei(text: str) -> bool:
    """Whether it is an IMEI of a telephone: fifteen digits with a Luhn digit."""
    number = digits(text, 15)
    return bool(number) and number[:2] in _IMEI_BODIES and luhn(number)


# Reporting bodies that allocate the first two digits (GSMA TS.06).
_IMEI_BODIES_TEXT = """
01 10 30 33 35 44 45 49 50 51 52 53 54 86 91 98 99
"""
_IMEI_BODIES = frozenset(_IMEI_BODIES_TEXT.split())
