"""How random a piece of text is: what tells a generated secret from words and identifiers."""

from __future__ import annotations

from collections import Counter
from math import log2
from operator import ne

# Pairs of letters that make up four fifths of the words people write in prose and in code;
# letters drawn by chance hold about a quarter of such pairs.
_TEXT = (
    "abacadagaiakalamanaparasatauaybabebiblbobucacechcickclcoctcudadedidoeaecedeeefegeielemeneper"
    "esetevexfafifogageghgigrhahehihoiaicidieifigiliminioipirisitivizkakekilalelilllolsltlulymame"
    "mimompnancndnenfngninnnonsntobocodogolomonoooporosotouowpapepiplpoprptpuqurarcrdrergrirmrnro"
    "rrrsrtrusascseshsisospssstsutatctethtitotrtstttutyuaubueulumunurusutvaveviwawixtypze"
)
_PAIRS = frozenset(_TEXT[at : at + 2] for at in range(0, len(_TEXT), 2))
_LIKE_WORDS = 0.56
_KINDS = (
    bytes(
        97
        if chr(byte).islower()
        else 65
        if chr(byte).isupper()
        else 48
        if chr(byte).isdigit()
        else 33
        for byte in range(128)
    )
    + b"!" * 128
)
_UP = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_COUNTING = " ".join((*_UP, "1234567890", *(text[::-1] for text in _UP), "0987654321"))


def entropy(text: str) -> float:
    """Return Shannon's entropy of the characters of a text, in bits per character."""
    size = len(text)
    if not size:
        return 0.0
    shares = [count / size for count in Counter(text).values()]
    return -sum([share * log2(share) for share in shares])


def classes(text: str) -> str:
    """Return the kinds of characters of a text: ``a`` lower, ``A`` upper, ``0`` digit, ``!``."""
    return "".join(sorted(set(_kinds(text))))


def _kinds(text: str) -> str:
    return text.encode("ascii", "replace").translate(_KINDS).decode("ascii")


def flips(text: str) -> int:
    """Return how often the kind of character changes: 0.6 a place by chance, 0.2 in names.

    The step from a capital to a small letter is none: names are written that way.
    """
    kinds = _kinds(text)
    return int(sum(map(ne, kinds, kinds[1:]))) - kinds.count("Aa")


def like_words(text: str) -> bool:
    """Tell whether the letters of a text, in the order they stand, read like words."""
    lower = text.lower()
    pairs = [lower[at : at + 2] for at in range(len(lower) - 1)]
    pairs = [pair for pair in pairs if pair.isascii() and pair.isalpha()]
    if not pairs:
        return False
    return sum(pair in _PAIRS for pair in pairs) / len(pairs) >= _LIKE_WORDS


def run(text: str, least: int) -> bool:
    """Tell whether one character stands at least so often in a row."""
    return any(letter * least in text for letter in set(text))


def counts(text: str, least: int = 6) -> bool:
    """Tell whether a text counts up or down somewhere (``abcdef``, ``654321``), so far at least."""
    return any(text[at : at + least] in _COUNTING for at in range(len(text) - least + 1))


def periodic(text: str) -> bool:
    """Tell whether a text is a shorter one over and over (``abcabcabc``)."""
    return len(text) >= 6 and (text + text).find(text[: len(text)], 1) <= len(text) // 2


def _joined_words(text: str) -> bool:
    """Tell whether words with signs between them make up most of a text (``s3_session_auth``)."""
    parts = text.replace("-", "_").replace(".", "_").split("_")
    words = [part for part in parts if len(part) > 2 and part.isalpha() and _one_case(part)]
    return sum(map(len, words)) >= 0.6 * len(text)


def _one_case(word: str) -> bool:
    return word.islower() or word.isupper() or word.istitle()


def generated(text: str) -> bool:
    """Tell whether a text looks drawn by a machine rather than written: 16 characters or more.

    Args:
        text: Letters, digits and a few signs; spaces make it prose.
    """
    size = len(text)
    if size < 16 or entropy(text) < (2.9 if size < 24 else 3.1) or _joined_words(text):
        return False
    if any(letter.isdigit() for letter in text):
        change = flips(text) / (size - 1)
        return change >= 0.3 or (change >= 0.2 and not like_words(text))
    mixed = text.lower() != text and text.upper() != text
    return not like_words(text) and (not mixed or flips(text) / (size - 1) >= 0.15)


_HEX = frozenset("0123456789abcdef")


def drawn_hex(text: str) -> bool:
    """Tell whether a text is 32 hexadecimal digits or more, of both kinds and drawn by chance.

    Few steps from letter to digit say nothing here: its letters make up no words.
    """
    if len(text) < 32 or not _HEX.issuperset(text) or entropy(text) < 3:
        return False
    return 0.3 <= sum(map(str.isdigit, text)) / len(text) <= 0.92


def noise(text: str) -> bool:
    """Tell whether a text of 32 to 80 characters changes kind at every other one, by chance."""
    size = len(text)
    return 32 <= size <= 80 and flips(text) / size >= 0.5 and entropy(text) > 4
