"""Credentials in a wrapping: base64 around a token or a key, a literal in parts, words for a key.

A token that is encoded or cut in pieces is as good to who finds it as a plain one, and its
provider's own rule does not see it.
"""

from __future__ import annotations

import base64
import binascii
import re

_MOST = 3_000
_GLUE = re.compile(r"[\"'][\s+.,\\]*[\"']")
# Words of English that are none of the 2,048 of BIP-39 and in most sentences.
_SPEECH = frozenset({
    "the", "and", "for", "are", "was", "were", "not", "but", "from", "has", "had", "his", "her",
})  # fmt: skip
# The phrases of BIP-39's test vectors and of the tools of developers, known to everyone.
_KNOWN = ("abandon abandon", "legal winner", "letter advice", "test test", "zoo zoo")
_PHRASES = frozenset((12, 15, 18, 21, 24))


def decoded(value: str) -> bytes:
    """Return the bytes that base64 stands for, cut off where it is not whole; empty for none."""
    text = value[:_MOST].rstrip("=").replace("-", "+").replace("_", "/")
    text = text[: len(text) // 4 * 4 + (len(text) % 4 if len(text) % 4 > 1 else 0)]
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (ValueError, binascii.Error):
        return b""


def encoded_token(value: str) -> bool:
    """Tell whether base64 holds a token that a provider's rule finds."""
    from .files.kinds import marked

    data = decoded(value)
    return data.isascii() and marked(data)


def encoded_key(value: str) -> bool:
    """Tell whether base64 holds the head of a private key in PEM."""
    from .secrets import private_key

    text = decoded(value).decode("ascii", "replace").partition("-----END")[0]
    return "PRIVATE KEY" in text[:64] and private_key(text)


def split_token(value: str) -> bool:
    """Tell whether the parts of a literal, put together, are a token of a provider."""
    from .files.kinds import marked

    return marked(_GLUE.sub("", value).encode("ascii", "replace"))


def seed_phrase(value: str) -> bool:
    """Tell whether words are the seed of a wallet: as many as BIP-39 has, none of plain speech.

    Source: BIP-39, "Mnemonic code for generating deterministic keys".
    """
    words = value.lower().split(" ")
    if len(words) not in _PHRASES or len(set(words)) < 0.75 * len(words):
        return False
    return _SPEECH.isdisjoint(words) and not value.lower().startswith(_KNOWN)
