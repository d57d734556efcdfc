"""Values that code and settings assign to a name like ``password``: which are secrets."""

from __future__ import annotations

import base64
import re
from functools import lru_cache

from .placeholders import placeholder
from .randomness import classes, drawn_hex, entropy, flips, generated, like_words, noise

# What is written where a secret could be and is public, or is no value at all.
_NO_SECRET = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,15}://|/|\./|\.\./|~/|[A-Za-z]:\\)"  # URL, path
    r"|[\w.+-]+@[\w-]+\.\w+$"  # address
    r"|(?:sha(?:1|224|256|384|512)|md5)[-:~]"  # digest
    r"|\$(?:2[abxy]?|1|5|6|y|argon2\w*|pbkdf2\w*|scrypt|P|H|S)\$|pbkdf2|argon2|bcrypt|scrypt:"
    r"|ssh-(?:rsa|ed25519|dss)|ecdsa-sha2|AAAAB3NzaC1|MIIB?Ij|MIIC|pk[-_](?:live|test)|age1"
    r"|(?:application|text|image|audio|video|multipart)/"
    r"|v?\d+(?:\.\d+)+(?:$|[-+.])|\d{4}-\d\d-\d\d|#[0-9a-fA-F]{6,8}$|0x[0-9a-fA-F]+$"
    r"|[\w./\\-]*\.(?:pem|key|crt|cer|json|ya?ml|txt|xml|html?|py|js|ts|md|cfg|ini|conf|log|csv|sql"
    r"|properties|env|p12|pfx|jks|so|dll|exe|zip|gz|png|svg|jpg)$"
    r"|(?:\w+\.)+\w*[A-Za-z_]{3}\w*(?:$|[(\[])"  # dotted name
    r"|[A-Za-z_][\w.]*(?:\(|\[)"  # call, index
    r"|[a-z]+(?:[-_.:/][a-z0-9]+)*$|[A-Z]+(?:[-_.:/][A-Z0-9]+)*$"  # words joined
    r"|[A-Z]?[a-z]+(?:[A-Z][a-z]+)*\d{0,4}$"  # CamelCase
    r"|[\d\W_]+$",
)
_KNOWN = re.compile(r"\$\w+\$|[\w+.-]*://|sha\d|md5|ssh-|ecdsa|MII|AAAA|[/.~]|\{|\(|\[|<|%")
# Words, then digits, then perhaps a sign: how people choose passwords.
_BY_HAND = re.compile(r"[A-Za-z]{4,}[!@#$%^&*_+-]?[0-9]{2,6}[!@#$%^&*?.]{0,2}")
_SIGNED = re.compile(r"[A-Za-z][!@#$%^&*_+?-][0-9]{2}|[0-9]{2}[!@#$%^&*+?]")
_KEY_BYTES = re.compile(r"[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==|[A-Za-z0-9_-]{43}=")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}={0,2}")
_PARTS = re.compile(r"[-_.]")
# What of a long value is looked at.
_SEEN = 64
_CODE = re.compile(r"[\s<>{}()\[\]|;,\\]|\.\.|::|->|=>|==|&&|\u2026")

# Marks of providers' tokens: rules of their own find those.
_MARKED = re.compile(
    r"JQQJ99|:AA[\w-]{33}$|\.atlasv1\.|^[\w.~-]{3}\dQ~|T3BlbkFJ|^(?:gh[pousr]|hf|npm|glpat|xox[a-z])[_-]"
    r"|^eyJ[\w-]+\.eyJ|^AKIA"
)


def public(value: str) -> bool:
    """Tell whether a value is public or a reference: a URL, path, digest, hash, version."""
    return _NO_SECRET.match(value) is not None


@lru_cache(maxsize=2048)
def secret(value: str) -> bool:
    """Tell whether a quoted value that is assigned to a telling name is a secret.

    It must look like chance or like a password by the book, for words, identifiers, paths,
    addresses, hashes and templates are assigned to such names far more often. Several rules ask
    for each value of a piece of text.
    """
    if not 8 <= len(value) <= 200:
        return False
    # Most are plain words: that is seen soonest, and how like chance they are last.
    if (public(value) or _CODE.search(value)) and not (_is_key(value) or _ends_in_key(value)):
        return False
    if not (_chosen(value) or generated(value[:_SEEN]) or drawn_hex(value)):
        return False
    return not (placeholder(value) or _MARKED.search(value) or _encodes_placeholder(value))


def _encodes_placeholder(value: str) -> bool:
    """Tell whether a value is the base64 of a placeholder, as manifests show it."""
    if len(value) % 4 or len(value) > _SEEN or not _BASE64.fullmatch(value):
        return False
    try:
        text = base64.b64decode(value).decode("ascii")
    except ValueError:
        return False
    return text.isprintable() and placeholder(text)


def _is_key(value: str) -> bool:
    """Tell whether a value is so mixed that its brackets are no code (a key of Django).

    The base64 of 32 or 64 bytes may begin with the slash of a path.
    """
    if _KEY_BYTES.fullmatch(value):
        return entropy(value) > 4 and not value.startswith(("MII", "AAAA"))
    return noise(value) and not _KNOWN.match(value)


def _ends_in_key(value: str) -> bool:
    """Tell whether a value that reads like joined words or a dotted name ends in a random part.

    Some services put words in front of their keys (``name_4f0q...``, ``id.4f0q...``).
    """
    part = _PARTS.split(value)[-1]
    if len(part) < 20 or part == value or not part.isalnum() or _KNOWN.match(value):
        return False
    mixed = any(map(str.isdigit, part)) and any(map(str.islower, part))
    return mixed and flips(part) / len(part) >= 0.25 and generated(part)


def _chosen(value: str) -> bool:
    """Tell whether a value is a password by the book: three kinds of characters, well mixed."""
    kinds = classes(value) if len(value) <= 32 else ""
    if "0" not in kinds or len(kinds) < 3 or entropy(value) < 2.75:
        return False
    if "!" not in kinds:
        return flips(value) >= 4 and not _worded(value)
    signs = not re.fullmatch(r"[\w.-]+", value)
    return flips(value) >= (3 if signs else 6)


def _worded(value: str) -> bool:
    """Tell whether long words make up a value (``ResNet50Model2``)."""
    words = re.findall(r"[A-Z]?[a-z]{3,}|[A-Z]{3,}", value)
    return sum(len(word) for word in words if like_words(word)) >= len(value) / 2


def password(value: str) -> bool:
    """Tell whether a quoted value assigned to a password is one, be it made of words and digits."""
    if secret(value):
        return True
    if not 8 <= len(value) <= 40:
        return False
    if _BY_HAND.fullmatch(value):
        return entropy(value) >= 2.5 and not placeholder(value)
    # What is well mixed failed above, for what it says.
    if not _by_rule(value) or _chosen(value) or public(value) or _CODE.search(value):
        return False
    return not (placeholder(value) or _MARKED.search(value))


def _by_rule(value: str) -> bool:
    """Tell whether a value is what rules for passwords ask for: all kinds of characters.

    Two digits in a row and a sign between them and letters: names have those less.
    """
    return len(classes(value)) == 4 and _SIGNED.search(value) is not None and flips(value) >= 2


def bare_secret(value: str) -> bool:
    """Tell whether an unquoted value is a secret: the same, and no expression of a language."""
    if not secret(value):
        return False
    if _KEY_BYTES.fullmatch(value) or _ends_in_key(value):
        return True
    return not re.match(r"[A-Za-z_$][\w$]*[.(\[]|[-+*/&!=]", value)


def prose_secret(value: str) -> bool:
    """Tell whether a word behind "the password is" is one: no settings, addresses or paths."""
    return secret(value.rstrip(".,;:!?")) and not re.search(r"[=:/@]", value)
