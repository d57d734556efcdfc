"""Validators of credentials: checksums of providers, structure of keys, likeness to chance."""

from __future__ import annotations

import base64
import binascii
import json
import re
import time
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from .assigned import bare_secret, password, prose_secret, public, secret
from .model import Validator
from .placeholders import patterned, placeholder
from .randomness import entropy, generated, like_words
from .wrapped import encoded_key, encoded_token, seed_phrase, split_token

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FILLER = re.compile(
    r"example|your|dummy|fake|sample|placeholder|redacted|changeme|x{5}|\*{3}|\.\.\.|test_?token"
    r"|abcdefgh|12345678|deadbeef",
    re.IGNORECASE,
)
# Keys of the emulators of Azure's storage and Cosmos DB, the same for everyone.
_EMULATORS = ("Eby8vdM02xNO", "C2y6yDjf5/R+")
# Users in the examples of RFC 7617 and RFC 6749.
_RFC_USERS = ("Aladdin", "s6BhdRkqt3")
# A token that says none of these is nobody's: the examples of libraries sign any words.
_CLAIMS = frozenset({
    "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scope", "scopes", "azp", "uid", "user",
    "user_id", "username", "client_id", "role", "roles", "email", "tid", "tenant", "sid", "appid",
    "ref", "project_id", "workspace", "groups", "permissions",
})  # fmt: skip
# Accounts of Amazon's documentation.
_AWS_EXAMPLES = frozenset({123456789012, 111122223333, 444455556666, 999999999999, 0})


def token(value: str) -> bool:
    """Tell whether a token with a provider's own prefix is one that was issued.

    Documentation shows tokens of the right length made of words, masks and counting.
    """
    body = re.sub(r"^[A-Za-z0-9]{1,8}[-_.](?:[A-Za-z0-9]{1,8}[-_])?", "", value) or value
    if _FILLER.search(value) or patterned(body):
        return False
    return entropy(body) >= (3.0 if len(body) > 24 else 2.5)


def plain_token(value: str) -> bool:
    """Tell whether a token whose only mark is its length looks drawn by chance."""
    return token(value) and generated(value) and not (placeholder(value) or public(value))


def hex_key(value: str) -> bool:
    """Tell whether hexadecimal digits look drawn by chance: of both kinds, and many of them."""
    text = value.replace("-", "").lower()
    digits = sum(letter.isdigit() for letter in text)
    return not patterned(text) and entropy(text) >= 3.0 and 0.3 <= digits / len(text) <= 0.92


def base64_key(value: str) -> bool:
    """Tell whether a value is base64 of bytes drawn by chance."""
    if value.startswith(_EMULATORS):
        return False
    kinds = sum(any(test(c) for c in value) for test in (str.islower, str.isupper, str.isdigit))
    return kinds == 3 and not _FILLER.search(value) and not patterned(value) and entropy(value) > 4


def checksum62(value: str) -> bool:
    """Check the tail of GitHub's and npm's tokens: the CRC-32 of the body in six base-62 digits.

    Source: GitHub, "Behind GitHub's new authentication token formats" (2021).
    """
    body = value.rpartition("_")[2]
    number = zlib.crc32(body[:-6].encode())
    for letter in reversed(body[-6:]):
        number, digit = divmod(number, 62)
        if _BASE62[digit] != letter:
            return False
    return number == 0


def aws_account(key: str) -> int | None:
    """Return the number of the account that an AWS access key id belongs to.

    Keys of 2019 and later hold it in 40 bits behind the prefix; for others it is no number of an
    account, and for what is no base 32 it is None.
    """
    try:
        head = base64.b32decode(key[4:])[:6]
    except (ValueError, binascii.Error):
        return None
    return (int.from_bytes(head) & 0x7FFFFFFFFF80) >> 7


def aws_key_id(value: str) -> bool:
    """Tell whether an AWS access key id is none of the documentation's."""
    account = aws_account(value)
    body = value[4:]
    if account is None or account in _AWS_EXAMPLES or "EXAMPLE" in value:
        return False
    return entropy(body) >= 2.5 and not patterned(body)


def _decoded(text: str) -> bytes:
    text = re.sub(r"[\s\\]", "", text).replace("-", "+").replace("_", "/")
    text = text[: len(text) - 1] if len(text) % 4 == 1 else text
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        return b""


def _json(text: str) -> dict[str, Any]:
    try:
        data = json.loads(_decoded(text))
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _jwt(value: str) -> dict[str, Any] | None:
    """Return the claims of a signed JSON web token that is no example, else None."""
    head, _, rest = value.partition(".")
    body, _, sign = rest.partition(".")
    header = _json(head)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm.lower() == "none" or patterned(sign):
        return None
    claims = _json(body)
    if not _CLAIMS & claims.keys():
        return None
    # The example of jwt.io and of a thousand README files.
    if claims.get("sub") == "1234567890" or claims.get("name") == "John Doe":
        return None
    return claims


def _expiry(claims: dict[str, Any]) -> float:
    end = claims.get("exp")
    return float(end) if isinstance(end, int) and abs(end) < 1 << 62 else float("inf")


def jwt_live(value: str) -> bool:
    """Tell whether a value is a JSON web token that is signed and has not expired."""
    claims = _jwt(value)
    return claims is not None and _expiry(claims) > time.time()


def jwt_expired(value: str) -> bool:
    """Tell whether a value is a JSON web token that is signed and has expired."""
    claims = _jwt(value)
    return claims is not None and _expiry(claims) <= time.time()


_KEY_HEADS = (b"\x30", b"openssh-key-v1", b"\x94", b"\x95", b"\xc5", b"\xc7", b"\x97")


def private_key(value: str) -> bool:
    """Tell whether a PEM block holds a key: ASN.1, OpenSSH, OpenPGP, or what no one can read."""
    body = value.rpartition("-----")[2]
    encrypted = "ENCRYPTED" in body or "ENCRYPTED" in value[:60]
    body = re.sub(r"(?:[A-Za-z-]{1,20}: [^\r\n\\]{1,80}(?:\\[rn]|\s)+)", "", body)
    # PGP closes with a checksum line of its own: "=" and four letters.
    body = re.sub(r"\\[rntu]|\s|[\"',+>|]|=.{0,8}$", "", body)
    letters = re.match(r"[A-Za-z0-9+/]*", body)
    text = letters[0] if letters else ""
    if len(text) < 48 or patterned(text[-40:]) or entropy(text) < 4 or "EXAMPLE" in text:
        return False
    random = len(text) >= 120 and entropy(text) > 5
    return encrypted or random or _decoded(text[:64]).startswith(_KEY_HEADS)


def basic_auth(value: str) -> bool:
    """Tell whether a value is base64 of ``user:password``, the password no placeholder."""
    try:
        text = _decoded(value).decode()
    except UnicodeDecodeError:
        return False
    user, colon, password = text.partition(":")
    shown = text.isprintable() and len(password) >= 4
    return bool(colon and shown and user not in _RFC_USERS and not placeholder(password))


def url_password(value: str) -> bool:
    """Tell whether the password of a URL is one, and no variable or example."""
    value = unquote(value)
    if placeholder(value) or len(value) < 4 or re.fullmatch(r"[\W_]*", value):
        return False
    return len(value) >= 8 or any(letter.isdigit() for letter in value) or not like_words(value)


def cell_secret(value: str) -> bool:
    """Tell whether the cell of a column of secrets is one, and no provider's rule finds it."""
    from .files.kinds import marked

    return bare_secret(value) and not marked(value.encode("utf-8", "replace"))


def password_cell(value: str) -> bool:
    """Tell whether the cell of a column of secrets is a password, and no provider's token."""
    from .files.kinds import marked

    return password(value) and not marked(value.encode("utf-8", "replace"))


def neptune(value: str) -> bool:
    """Tell whether base64 is Neptune's: JSON with an address and a key."""
    return "api_key" in _json(value)


def azure_secret(value: str) -> bool:
    """Tell whether a value with Microsoft Entra's ``Q~`` in fifth place is a client secret."""
    return entropy(value) >= 3.5 and not patterned(value)


def telegram(value: str) -> bool:
    """Tell whether the part behind the colon of a Telegram token is drawn by chance."""
    return token(value.partition(":")[2])


def dropbox(value: str) -> bool:
    """Tell whether the part of a Dropbox token behind its ten letters ``A`` is drawn by chance."""
    return token(value[10:])


def base64_lines(value: str) -> bool:
    """Tell whether lines of base64 (the private part of a PuTTY key) are drawn by chance."""
    return base64_key(re.sub(r"\s", "", value)[:128])


def pypi(value: str) -> bool:
    """Tell whether a token is a macaroon of PyPI: version 2, and a place that is an index."""
    data = _decoded(value[5:])
    return data.startswith(b"\x02\x01") and b"pypi.org" in data[:24]


def _safe(check: Callable[[str], bool]) -> Callable[[str], bool]:
    """Return a check that takes hostile text for what it is: no secret."""

    def checked(value: str) -> bool:
        try:
            return check(value)
        except (ValueError, ArithmeticError, LookupError):
            return False

    return checked


_CHECKS: dict[str, tuple[Callable[[str], bool], float]] = {
    "token": (token, 1.0),
    "plain_token": (plain_token, 1.0),
    "hex_key": (hex_key, 1.0),
    "base64_key": (base64_key, 1.0),
    "checksum62": (checksum62, 1 / 2**32),
    "aws_key_id": (aws_key_id, 1.0),
    "jwt_live": (jwt_live, 1.0),
    "jwt_expired": (jwt_expired, 1.0),
    "private_key": (private_key, 1.0),
    "basic_auth": (basic_auth, 1.0),
    "url_password": (url_password, 1.0),
    "neptune": (neptune, 1.0),
    "azure_secret": (azure_secret, 1.0),
    "telegram": (telegram, 1.0),
    "pypi": (pypi, 1.0),
    "dropbox": (dropbox, 1.0),
    "base64_lines": (base64_lines, 1.0),
    "secret": (secret, 1.0),
    "password": (password, 1.0),
    "bare_secret": (bare_secret, 1.0),
    "cell_secret": (cell_secret, 1.0),
    "password_cell": (password_cell, 1.0),
    "encoded_token": (encoded_token, 1.0),
    "encoded_key": (encoded_key, 1.0),
    "split_token": (split_token, 1.0),
    "seed_phrase": (seed_phrase, 1.0),
    "prose_secret": (lambda value: prose_secret(value) and cell_secret(value), 1.0),
}
SECRET_VALIDATORS: dict[str, Validator] = {
    name: Validator(_safe(check), odds) for name, (check, odds) in _CHECKS.items()
}
"""Validators of the rules of credentials, by name."""
