"""Makers of the secrets inside the credential files of ``leaky``."""

from __future__ import annotations

import base64
import string
from collections.abc import Callable
from random import Random

from .digits import BASE62
from .tokens import TOKENS, password, some

_CRYPT = "./" + string.digits + string.ascii_letters
_WORDS = ["harbor", "violet", "tundra", "copper", "meadow", "falcon", "ember", "granite"]


def weak(rng: Random) -> str:
    """Return a password as people choose it."""
    return rng.choice(_WORDS) + rng.choice(_WORDS).title() + str(rng.randint(10, 9999))


def login(rng: Random) -> str:
    """Return user and password in base64, as HTTP's basic scheme has them."""
    return base64.b64encode(f"ci-{rng.choice(_WORDS)}:{password(rng)}".encode()).decode()


def encoded(rng: Random) -> str:
    """Return a password in base64, as FileZilla keeps it."""
    return base64.b64encode(weak(rng).encode()).decode()


def apr1(rng: Random) -> str:
    """Return an Apache MD5 hash."""
    return f"$apr1${some(rng, _CRYPT, 8)}${some(rng, _CRYPT, 22)}"


def bcrypt(rng: Random) -> str:
    """Return a bcrypt hash."""
    return f"$2y$10${some(rng, _CRYPT, 53)}"


def sha512crypt(rng: Random) -> str:
    """Return a hash as in ``/etc/shadow``."""
    return f"$6${some(rng, _CRYPT, 8)}${some(rng, _CRYPT, 86)}"


def sha256crypt(rng: Random) -> str:
    """Return a hash as ProFTPD keeps it."""
    return f"$5${some(rng, _CRYPT, 8)}${some(rng, _CRYPT, 43)}"


def _hex(size: int) -> Callable[[Random], str]:
    return lambda rng: some(rng, "0123456789abcdef", size)


def salt(rng: Random) -> str:
    """Return a WordPress salt: 64 printable letters without quotes."""
    return some(rng, BASE62 + "!@#$%^&*()-_[]{}<>~`+=,.;:/?| ", 64).replace(" ", "_")


def blob(size: int) -> Callable[[Random], str]:
    """Return a maker of random bytes in base64."""
    return lambda rng: base64.b64encode(rng.randbytes(size)).decode()


def ppk(rng: Random) -> str:
    """Return the private lines of a PuTTY key."""
    text = base64.b64encode(rng.randbytes(440)).decode()
    return "\n".join(text[at : at + 64] for at in range(0, len(text), 64))


def pem64(rng: Random) -> str:
    """Return a private key as kubectl keeps it: its PEM block in base64 once more."""
    return base64.b64encode(TOKENS["PRIVATE_KEY"][0](rng).encode()).decode()


SECRETS: dict[str, Callable[[Random], str]] = {
    "pw": password, "weak": weak, "login": login, "encoded": encoded, "apr1": apr1,
    "bcrypt": bcrypt, "sha512crypt": sha512crypt, "sha256crypt": sha256crypt, 
    "hex32": _hex(32), "hex128": _hex(128),
    "salt": salt, "blob": blob(44), "der": blob(120), "ppk": ppk, "pem64": pem64,
    **{name: make for name, (make, _) in TOKENS.items()},
}  # fmt: skip
# What stands beside a secret and is none: made as random, never labelled.
OTHERS: dict[str, Callable[[Random], str]] = {
    "user": lambda rng: rng.choice(("deploy", "root", "ci", "mlops", "backup", "svc_etl")),
    "host": lambda rng: f"{rng.choice(('ftp', 'db', 'git', 'npm'))}{rng.randint(1, 9)}.acme.io",
    "port": lambda rng: str(rng.choice((21, 22, 2222, 5432))),
    "public": blob(200),
    "hex40": _hex(40),
    "when": lambda rng: str(rng.randint(1_600_000_000_000, 1_790_000_000_000)),
}
