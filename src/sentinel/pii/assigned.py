"""Values that code and settings assign to a name like ``password``: which are secrets."""

from __future__ import annotations

import re

from .placeholders import placeholder
from .randomness import classes, entropy, flips, generated, like_words, noise

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


def secret(value: str) -> bool:
    """Tell whether a quoted value that is assigned to a telling name is a secret.

    It must look like chance or like a password by the book, for words, identifiers, paths,
    addresses, hashes and templates are assigned to such names far more often.
    """
    if not 8 <= len(value) <= 200:
        return False
    # Most are plain words: that is seen soonest, and how like chance they are last.
    if (public(value) or _CODE.search(value)) and not _is_key(value):
        return False
    if not (_chosen(value) or generated(value[:_SEEN])):
        return False
    return not (placeholder(value) or _MARKED.search(value))


def _is_key(value: str) -> bool:
    """Tell whether a value is so mixed that its brackets are no code (a key of Django)."""
    return noise(value) and not _KNOWN.match(value)


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
    if not 8 <= len(value) <= 40 or not _BY_HAND.fullmatch(value) or placeholder(value):
        return False
    return entropy(value) >= 2.5


def bare_secret(value: str) -> bool:
    """Tell whether an unquoted value is a secret: the same, and no expression of a language."""
    return secret(value) and not re.match(r"[A-Za-z_$][\w$]*[.(\[]|[-+*/&!=]", value)


def prose_secret(value: str) -> bool:
    """Tell whether a word behind "the password is" is one: no settings, addresses or paths."""
    return secret(value.rstrip(".,;:!?")) and not re.search(r"[=:/@]", value)
