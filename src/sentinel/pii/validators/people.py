"""Names of people."""

from __future__ import annotations

from ..names import is_full_name
from ..people import has_given_name, is_name_shaped


def full_name(text: str) -> bool:
    """Whether it is a given name and a surname, both known."""
    return is_full_name(text)


def given_name(text: str) -> bool:
    """Whether it is shaped as a name and has a known given name in it."""
    return is_name_shaped(text) and has_given_name(text)


_SEXES_TEXT = """
m f x d w h v k male female man woman nonbinary non-binary other diverse divers männlich weiblich
homme femme masculin féminin hombre mujer masculino femenino feminino maschio femmina maschile
femminile vrouw mężczyzna kobieta 男 女 男性 女性
"""
_SEXES = frozenset(_SEXES_TEXT.split())


def sex(text: str) -> bool:
    """Whether a cell holds a sex or gender, in a word or a letter."""
    return text.strip().lower() in _SEXES
