"""Whether a text is a person's full name: given name and surname, both known."""

from __future__ import annotations

import os
import re
from functools import cache

from .people import given_names, is_name_shaped

_FILE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data", "pii", "surnames.txt")
_TITLES_TEXT = """
mr mrs ms miss mx dr prof sir dame lady lord rev fr sr jr ii iii iv md phd herr frau monsieur
madame mme mlle señor señora sra don doña signor signora dott dhr mevr pan pani
"""
_TITLES = frozenset(_TITLES_TEXT.split())


@cache
def surnames() -> frozenset[str]:
    """Return surnames in lower case."""
    with open(_FILE, encoding="utf-8") as file:
        return frozenset(line.strip() for line in file if line[:1] not in "#\n")


def is_full_name(text: str) -> bool:
    """Return True for a known given name and a known surname, or the other way round by a comma."""
    if not is_name_shaped(text):
        return False
    family, comma, given = text.lower().partition(",")
    words = _words(f"{given} {family}" if comma else text.lower())
    return 2 <= len(words) <= 5 and words[0] in given_names() and words[-1] in surnames()


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]{2,}", text) if word not in _TITLES]
