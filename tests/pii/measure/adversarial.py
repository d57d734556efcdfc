"""Inputs of a given size that drive a matcher into its worst case; all are harmless."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from .digits import BASE62, digits, luhn
from .tokens import some


def _repeat(unit: str) -> Callable[[int], bytes]:
    """Return a maker of a unit repeated up to a size."""
    data = unit.encode()
    return lambda size: (data * (size // len(data) + 1))[:size]


def _numbers(make: Callable[[Random], str]) -> Callable[[int], bytes]:
    """Return a maker that repeats a thousand different units up to a size."""

    def build(size: int) -> bytes:
        rng = Random(size % 97)
        return _repeat("".join(make(rng) for _ in range(1000)))(size)

    return build


def _luhn_fail(rng: Random) -> str:
    body = "4" + digits(rng, 14)
    whole = body + str((int(luhn(body)) + 1) % 10)
    return " ".join(whole[at : at + 4] for at in range(0, 16, 4)) + " "


def _wide(size: int) -> bytes:
    """Return a table with as many columns as fit: a header and one row."""
    columns = size // 10
    header = ",".join(f"c{number}" for number in range(columns))
    return (header + "\n" + ",".join("12345" for _ in range(columns)) + "\n").encode()[:size]


def _nested(size: int) -> bytes:
    return b'{"a":[' * ((size - 1) // 8) + b"1" + b"]}" * ((size - 1) // 8)


def _quotes(size: int) -> bytes:
    return b'a,b\n"' + b'x""' * ((size - 5) // 3)


# Check 19's inputs by name: how they are made, and the file name that tells their format.
INPUTS: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "passwords": ("a.txt", _repeat("password=")),
    "mail_chain": ("b.txt", _repeat("a@a.")),
    "cue_flood": ("c.txt", _repeat("ssn passport iban dob card phone mrn ")),
    "luhn_fail": ("d.txt", _numbers(_luhn_fail)),
    "digits": ("e.txt", _repeat("1234567890")),
    "one_letter": ("f.txt", _repeat("a")),
    "zeros": ("g.txt", _repeat("0")),
    "ats": ("h.txt", _repeat("@")),
    "dots": ("i.txt", _repeat("1.")),
    "dashes": ("j.txt", _repeat("1-")),
    "colons": ("k.txt", _repeat("a:")),
    "pem_heads": ("l.pem", _repeat("-----BEGIN RSA " + "PRIVATE KEY-----\n")),
    "jwt_heads": ("m.txt", _repeat("eyJhbGciOi.")),
    "url_logins": ("n.txt", _repeat("https://user:pass")),
    "iban_heads": ("o.txt", _repeat("DE89 3704 0044 ")),
    "prefixes": ("p.txt", _repeat("sk-" + "ant-api03-hf_AKIAghp_xoxb-")),
    "base64": ("q.txt", _numbers(lambda rng: some(rng, BASE62 + "+/", 76) + "\n")),
    "quotes": ("r.csv", _quotes),
    "wide_table": ("s.csv", _wide),
    "nested": ("t.json", _nested),
    "blanks": ("u.txt", _repeat("ssn:" + " " * 60)),
    "assignments": ("v.py", _repeat('token = "')),
    "mails": ("w.txt", _numbers(lambda rng: f"{some(rng, BASE62, 9)}@{some(rng, BASE62, 6)}.com ")),
}


def make(name: str, size: int) -> tuple[str, bytes]:
    """Return the file name and the bytes of an input, at most ``size`` bytes of them."""
    file, build = INPUTS[name]
    return file, build(size)
