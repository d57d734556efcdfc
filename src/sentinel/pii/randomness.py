"""How random a piece of text is: what tells a generated secret from words and identifiers."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

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


def entropy(text: str) -> float:
    """Return Shannon's entropy of the characters of a text, in bits per character."""
    size = len(text)
    if not size:
        return 0.0
    return -sum(n / size * math.log2(n / size) for n in Counter(text).values())


def classes(text: str) -> str:
    """Return the kinds of characters of a text: ``a`` lower, ``A`` upper, ``0`` digit, ``!``."""
    return "".join(sorted({_kind(letter) for letter in text}))


def _kind(letter: str) -> str:
    if letter.isdigit():
        return "0"
    if letter.isalpha():
        return "A" if letter.isupper() else "a"
    return "!"


def flips(text: str) -> int:
    """Return how often the kind of character changes: 0.6 a place by chance, 0.2 in names.

    The step from a capital to a small letter is none: names are written that way.
    """
    kinds = [_kind(letter) for letter in text]
    return sum(one != other and (one, other) != ("A", "a") for one, other in pairwise(kinds))


def like_words(text: str) -> bool:
    """Tell whether the letters of a text, in the order they stand, read like words."""
    lower = text.lower()
    pairs = [lower[at : at + 2] for at in range(len(lower) - 1)]
    pairs = [pair for pair in pairs if pair.isascii() and pair.isalpha()]
    if not pairs:
        return False
    return sum(pair in _PAIRS for pair in pairs) / len(pairs) >= _LIKE_WORDS


def runs(text: str) -> tuple[int, int]:
    """Return the longest run of one character and the longest of neighbours (``abcd``, ``4321``).

    Neighbours are characters whose codes go up, or down, one by one.
    """
    same = best_same = step = best_step = 1
    way = 0
    for one, other in pairwise(text):
        delta = ord(other) - ord(one)
        same = same + 1 if delta == 0 else 1
        if delta in (1, -1):
            step = step + 1 if delta == way else 2
        else:
            step = 1
        way = delta
        best_same, best_step = max(best_same, same), max(best_step, step)
    return best_same, best_step


def periodic(text: str) -> bool:
    """Tell whether a text is a shorter one over and over (``abcabcabc``)."""
    return len(text) >= 6 and (text + text).find(text[: len(text)], 1) <= len(text) // 2


def generated(text: str) -> bool:
    """Tell whether a text looks drawn by a machine rather than written: 16 characters or more.

    Args:
        text: Letters, digits and a few signs; spaces make it prose.
    """
    size = len(text)
    if size < 16 or entropy(text) < (2.9 if size < 24 else 3.1):
        return False
    if any(letter.isdigit() for letter in text):
        change = flips(text) / (size - 1)
        return change >= 0.3 or (change >= 0.2 and not like_words(text))
    mixed = text.lower() != text and text.upper() != text
    return not like_words(text) and (not mixed or flips(text) / (size - 1) >= 0.15)


def noise(text: str) -> bool:
    """Tell whether a text of 32 to 80 characters changes kind at every other one, by chance."""
    size = len(text)
    return 32 <= size <= 80 and flips(text) / size >= 0.5 and entropy(text) > 4
