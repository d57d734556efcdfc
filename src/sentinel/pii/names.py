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
# Words first of all, names of some people too; two of them together are words: Max Speed.
_WORDS_TEXT = """
will may mark max art bill april june august grant frank rich faith hope joy grace pat rob sue drew
chase dean earl guy jack miles ray rusty sandy summer autumn dawn rose lily ruby pearl amber crystal
violet ivy olive ginger pepper angel destiny precious major royal prince king duke baron marine page
paige parker hunter mason carter cooper porter tyler taylor archer fisher miller baker cook gray
green white black brown blue red gold silver stone rock hill forest field fields woods wood rivers
river lake brook ford bridge park street lane way close church temple chapel hall house home mills
price cash money bond sales cost rate power speed strong small little long short young old wise
good best bright love luck day week knight rider winter spring summers snow frost rain storm north
south east west high low hand head foot hart bell horn drum sharp flat key keys case cases cross
state union case gain loss max mean model data test post net link view sample batch time point
points mode order fox wolf bird crane swan bass pike bush branch root moss berry bean rice ball
battle banks bank ward wells well grand sun sunny moon star clay sage jade happy christian case
dale glen cliff heath miles mile shore cove gates gate law laws love joy chance merit justice
"""
_ORDINARY = frozenset(_WORDS_TEXT.split())


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
    if not 2 <= len(words) <= 5 or _ORDINARY.issuperset(words):
        return False
    return words[0] in given_names() and words[-1] in surnames()


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]{2,}", text) if word not in _TITLES]
