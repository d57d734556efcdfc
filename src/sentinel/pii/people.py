"""Columns of people's names, told by the header, the shape and a list of given names.

Without the list every column of capitalised words under a header like ``name`` would do: products,
cities, ships.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import cache

_FILE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data", "pii", "given_names.txt")
_PART = (
    r"(?:[A-ZÀ-ÖØ-ÞŁŚŻČŠŽİ][\w'\u2019-]*\.?|(?:van|von|de|der|den|la|le|da|dos|du|di|bin|al|el)\b)"
)
_SHAPE = re.compile(
    rf"(?:\w{{2,5}}\. )?{_PART}(?:,? {_PART}){{0,4}}(?:,? (?:Jr|Sr|MD|PhD|II|III)\.?)?"
)
_WORD = re.compile(r"[^\W\d_]+")
_LETTERS = re.compile(r"[^\W\d_]+(?:[ '\u2019.,-]{1,2}[^\W\d_]+){0,4}\.?")
_PARTS_TEXT = """
first name|firstname|fname|given name|givenname|given names|forename|last name|lastname|lname
surname|sur name|family name|familyname|maiden name|middle name|vorname|nachname|familienname
geburtsname|prénom|prenom|nom de famille|nom de naissance|apellido|apellidos|primer apellido
segundo apellido|cognome|voornaam|achternaam|sobrenome|apelido|primeiro nome|último nome|ultimo nome
imię|imie|nazwisko|имя|фамилия|отчество|förnamn|fornamn|efternamn|fornavn|etternavn|efternavn
etunimi|sukunimi|jméno|jmeno|příjmení|prijmeni|soyadi|vezetéknév|keresztnév|姓名|氏名|名前|성명
"""
_PARTS = frozenset(_PARTS_TEXT.replace("\n", "|").split("|"))
_SHAPED = 0.7
_KNOWN = 0.25
_DISTINCT = 0.2


@cache
def given_names() -> frozenset[str]:
    """Return given names in lower case."""
    with open(_FILE, encoding="utf-8") as file:
        return frozenset(line.strip() for line in file if line[:1] not in "#\n")


def is_name_shaped(value: str) -> bool:
    """Return True for one to five capitalised words."""
    return len(value) <= 60 and _SHAPE.fullmatch(value.strip()) is not None


def has_given_name(value: str) -> bool:
    """Return True when a word of the value is a given name of the list."""
    names = given_names()
    return any(word.lower() in names for word in _WORD.findall(value))


def are_people(values: Sequence[str], header: Sequence[str] = ()) -> bool:
    """Return True when the values of a column, whose header says so, are names of people.

    Args:
        values: A sample of the cells.
        header: Lower-case words of the header. One that only people have a column for, such as
            ``surname``, needs no known given names.
    """
    if not values or len(set(values)) <= _DISTINCT * len(values):
        return False
    if any(" ".join(header[start:]) in _PARTS for start in range(len(header))):
        return sum(_is_lettered(value) for value in values) >= _SHAPED * len(values)
    shaped = [value for value in values if is_name_shaped(value)]
    if len(shaped) < _SHAPED * len(values):
        return False
    return sum(has_given_name(value) for value in shaped) >= _KNOWN * len(shaped)


def _is_lettered(value: str) -> bool:
    text = value.strip()
    if len(text) > 40 or _LETTERS.fullmatch(text) is None:
        return False
    return text[0].isupper() or text[0].lower() == text[0].upper()
