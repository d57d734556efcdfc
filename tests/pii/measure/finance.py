"""Makers of card numbers, bank accounts and crypto addresses."""

from __future__ import annotations

from random import Random

from .digits import base58check, digits, luhn, mod97, segwit, weighted
from .identities import CF_ODD

# Issuer prefixes, length and how the network prints its numbers.
_CARDS = (
    (("4",), 16, (4, 4, 4, 4)),
    (("4",), 16, (4, 4, 4, 4)),
    (("51", "52", "53", "54", "55", "2221", "2530", "2719"), 16, (4, 4, 4, 4)),
    (("34", "37"), 15, (4, 6, 5)),
    (("6011", "65"), 16, (4, 4, 4, 4)),
    (("3528", "3589"), 16, (4, 4, 4, 4)),
    (("36",), 14, (4, 6, 4)),
)


def card(rng: Random) -> str:
    """Return a card number of a known network, grouped or not."""
    prefixes, size, groups = rng.choice(_CARDS)
    prefix = rng.choice(prefixes)
    body = prefix + digits(rng, size - 1 - len(prefix))
    whole = body + luhn(body)
    mark, parts = rng.choice((" ", " ", "-", "")), []
    for group in groups:
        parts.append(whole[:group])
        whole = whole[group:]
    return mark.join(parts)


def _spain(rng: Random) -> str:
    bank, account = digits(rng, 8), digits(rng, 10)
    weights = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)
    checks = [(11 - weighted(part, weights) % 11) for part in ("00" + bank, account)]
    return bank + "".join({10: "1", 11: "0"}.get(check, str(check)) for check in checks) + account


def _italy(rng: Random) -> str:
    body = rng.choice(("05428", "02008", "03069", "01030")) + "03200" + "0" * 4 + digits(rng, 8)
    total = sum(
        int(letter) if place % 2 else CF_ODD[int(letter)] for place, letter in enumerate(body)
    )
    return chr(65 + total % 26) + body


def _france(rng: Random) -> str:
    bank, branch, account = digits(rng, 5, "123"), digits(rng, 5), digits(rng, 11)
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97
    return f"{bank}{branch}{account}{key:02}"


def _belgium(rng: Random) -> str:
    body = rng.choice(("001", "063", "310", "363", "734")) + digits(rng, 7)
    return body + f"{int(body) % 97 or 97:02}"


def _bban(rng: Random) -> tuple[str, str]:
    country = rng.choice(("DE", "DE", "GB", "GB", "FR", "ES", "IT", "NL", "PL", "BE", "CH", "AT"))
    national = {"ES": _spain, "IT": _italy, "FR": _france, "BE": _belgium}
    if country in national:
        return country, national[country](rng)
    if country == "GB":
        return country, rng.choice(("BARC", "NWBK", "LOYD", "MIDL")) + digits(rng, 14)
    if country == "NL":
        return country, rng.choice(("ABNA", "INGB", "RABO")) + "0" + _eleven(rng)
    if country == "PL":
        bank = rng.choice(("1020555", "1140200", "1090240"))
        check = -weighted(bank, (3, 9, 7, 1, 3, 9, 7)) % 10
        return country, f"{bank}{check}" + digits(rng, 16)
    return country, digits(rng, {"DE": 18, "CH": 17, "AT": 16}[country], "123456")


def _eleven(rng: Random) -> str:
    """Return nine digits that pass the elfproef of Dutch accounts."""
    body = digits(rng, 8, "123456789")
    check = -weighted(body, range(9, 1, -1)) % 11
    return body + str(check) if check < 10 else _eleven(rng)


def iban(rng: Random) -> str:
    """Return an IBAN whose national checks hold too, by fours or compact."""
    country, bban = _bban(rng)
    whole = f"{country}{98 - mod97(bban + country + '00'):02}{bban}"
    if rng.random() < 0.5:
        return whole
    return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def crypto(rng: Random) -> str:
    """Return a Bitcoin address of one of three kinds, or an Ethereum address in lower case."""
    kind = rng.randrange(4)
    if kind < 2:
        return base58check((b"\0", b"\5")[kind] + rng.randbytes(20))
    if kind == 2:
        return segwit(rng.randbytes(20))
    return "0x" + rng.randbytes(20).hex()
