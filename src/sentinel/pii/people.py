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
first name|firstname|fname|first nm|last nm|given name|givenname|given names|forename|last name
lastname|lname
surname|sur name|family name|familyname|maiden name|middle name|vorname|nachname|familienname
geburtsname|prénom|prenom|nom de famille|nom de naissance|apellido|apellidos|primer apellido
segundo apellido|cognome|voornaam|achternaam|sobrenome|apelido|primeiro nome|último nome|ultimo nome
imię|imie|nazwisko|имя|фамилия|отчество|förnamn|fornamn|efternamn|fornavn|etternavn|efternavn
etunimi|sukunimi|jméno|jmeno|příjmení|prijmeni|soyadi|vezetéknév|keresztnév|姓名|氏名|名前|성명
"""
_PARTS = frozenset(_PARTS_TEXT.replace("\n", "|").split("|"))
_NAMES = frozenset(("name", "names", "nom", "nombre", "nome", "naam", "nazwa"))
# What else has a name: "street name", or the key "name" below the key "cities".
_THINGS_TEXT = """
action album algorithm ami api app application area array asset attribute bank bean block book
bookmark boundary bra branch brand browser bucket build bundle calendar campaign canton cell
channel character characters chart chemical cipher city cluster code collection color colour
column command commune company component compound container continent corp country county course
currency database dataset datasource day db department device directory disease district division
dns domain drug emoji engine entity environment error event experiment extension feature field
file film filter flag folder font form format function game gene geographic geography group guild
header host hotel icon image index instance interface item job kernel key label lake language
layer league level library licence license location machine map market method metric middleware
model module month mountain movie museum namespace neighborhood neighbourhood network node object
operation option org organisation organization package page parameter parish park partition path
permission phase pipeline place plan planet plant platform plugin policy port prefecture process
product program project property protein protocol provider province queue rank recipe region
registry release repo repository resource restaurant river role room route rule sample scale
school script section sensor series server service set setting shape sheet ship shop site song
source species stack stage standard state station status step store stream street style subject
suburb symbol system tab table tag target task template term test theme ticker timezone title tool
topic town track tree type unit university variable vendor version vessel view village volume
weekday widget wine workflow workspace world zone
"""
_THINGS = frozenset(_THINGS_TEXT.split())
_KINDS = frozenset(("full", "display", "legal", "official", "real", "short", "long", "common"))
_PEOPLE_TEXT = """
account applicant author beneficiary candidate cardholder child client contact customer doctor
driver employee guest holder manager member nurse owner parent passenger patient person physician
player recipient sender signatory student supervisor teacher tenant traveler traveller worker
"""
_PEOPLE = frozenset(_PEOPLE_TEXT.split())
_SAINTS = frozenset(("san", "santa", "santo", "saint", "sainte", "st", "ste", "sao", "são"))
_PARTICLES = frozenset(
    ("van", "von", "de", "der", "den", "la", "le", "da", "dos", "du", "di", "al", "el")
)
_SHAPED = 0.7
_KNOWN = 0.25
_MOSTLY_KNOWN = 0.7
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
    """Return True when a word of the value is a given name of the list, but for places of saints.

    ``San Miguel`` and ``Santa Ana`` are towns.
    """
    names = given_names()
    words = _WORD.findall(value.lower())
    return any(
        word in names and (not at or words[at - 1] not in _SAINTS) for at, word in enumerate(words)
    )


def is_of_things(header: Sequence[str], above: Sequence[str] = ()) -> bool:
    """Return True when a header says that what it names is no person: ``street_name``.

    Args:
        header: Lower-case words of the header.
        above: Those of the key that it lies below, where that is known: ``cities[].name``.
    """
    if not header or header[-1] not in _NAMES:
        return False
    whose = _whose(header) or (above[-1] if above else "")
    return any(form in _THINGS for form in (whose, whose[:-1], re.sub("ies$", "y", whose)))


def names_people(header: Sequence[str]) -> bool:
    """Return True when only people have what a header names: ``surname``, ``customer name``."""
    return _is_part(header) or _whose(header) in _PEOPLE


def _is_part(header: Sequence[str]) -> bool:
    return any(" ".join(header[start:]) in _PARTS for start in range(len(header)))


def _whose(header: Sequence[str]) -> str:
    """Return the word of a header that says whose name it is; empty where none does."""
    before = [word for word in header[:-1] if word not in _KINDS]
    return before[-1] if before else ""


def are_people(values: Sequence[str], header: Sequence[str] = ()) -> bool:
    """Return True when the values of a column, whose header says so, are names of people.

    Args:
        values: A sample of the cells.
        header: Lower-case words of the header. One that only people have a column for, such as
            ``surname``, needs no known given names; one that says ``name`` alone needs more of
            them where values are single words, as those of places are.
    """
    if not values or len(set(values)) <= _DISTINCT * len(values):
        return False
    if _is_part(header):
        return sum(_is_lettered(value) for value in values) >= _SHAPED * len(values)
    shaped = [value for value in values if is_name_shaped(value)]
    if len(shaped) < _SHAPED * len(values):
        return False
    least = _MOSTLY_KNOWN if _is_bare(header) and _are_single(shaped) else _KNOWN
    return sum(has_given_name(value) for value in shaped) >= least * len(shaped)


def _is_bare(header: Sequence[str]) -> bool:
    return len(header) == 1 and header[0] in _NAMES


def _are_single(values: Sequence[str]) -> bool:
    """Return True when no more than a quarter of the values are of several words, saints aside."""
    several = sum(len(set(_WORD.findall(value.lower())) - _SAINTS) > 1 for value in values)
    return 4 * several <= len(values)


def _is_lettered(value: str) -> bool:
    text = value.strip()
    if len(text) > 40 or _LETTERS.fullmatch(text) is None:
        return False
    if text.partition(" ")[0] in _PARTICLES:
        return True
    return text[0].isupper() or text[0].lower() == text[0].upper()
