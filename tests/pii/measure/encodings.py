"""One text in many encodings and with the line ends of every system."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from .values import PERSONAL

KINDS = ("EMAIL", "CREDIT_CARD", "IBAN", "US_SSN")


class Variant(NamedTuple):
    """The same values in one way of writing.

    Attributes:
        name: File name.
        data: The file.
        types: What is to be found, in this order, in each variant.
    """

    name: str
    data: bytes
    types: tuple[str, ...]


def _lines(seed: int) -> list[str]:
    rng = Random(f"{seed}/encodings")
    cues = {"EMAIL": "Email", "CREDIT_CARD": "Card number", "IBAN": "IBAN", "US_SSN": "SSN"}
    return [f"{cues[kind]}: {PERSONAL[kind].make(rng)}" for kind in KINDS]


def variants(seed: int) -> Iterator[Variant]:
    """Yield a note with four values as UTF-8, UTF-16, UTF-32, Latin-1, with CR, CRLF and escapes.

    The note has a letter outside of ASCII, so that Latin-1 is no valid UTF-8.
    """
    lines = ["Grüße aus Köln", *_lines(seed), "Ende der Notiz für heute", ""]
    text = "\n".join(lines)
    for name, encoding in (
        ("utf8", "utf-8"), ("utf8_bom", "utf-8-sig"), ("utf16", "utf-16"),
        ("utf16le", "utf-16-le"), ("utf16be", "utf-16-be"), ("utf32", "utf-32"),
        ("utf32le", "utf-32-le"), ("utf32be", "utf-32-be"), ("latin1", "latin-1"),
    ):  # fmt: skip
        yield Variant(f"{name}.txt", text.encode(encoding), KINDS)
    yield Variant("crlf.txt", text.replace("\n", "\r\n").encode(), KINDS)
    yield Variant("cr.txt", text.replace("\n", "\r").encode(), KINDS)
    yield Variant("no_final_newline.txt", text.rstrip("\n").encode(), KINDS)
    record = json.dumps({"note": text}).encode()
    yield Variant("ascii.json", record, KINDS)
    yield Variant("at_escaped.json", record.replace(b"@", b"\\u0040"), KINDS)
    every = "".join(f"\\u{ord(letter):04x}" for letter in text)
    yield Variant("all_escaped.json", f'{{"note": "{every}"}}'.encode(), KINDS)
