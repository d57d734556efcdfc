"""Places: coordinates, postcodes and street addresses."""

from __future__ import annotations

import re

_DECIMALS = 4  # of a degree: eleven metres
_NUMBER = r"([+-]?[0-9]{1,3}\.[0-9]{4,15})"
_PAIR = re.compile(rf"[\[(]?{_NUMBER}°? ?([NSns]?)[,; ]{{1,3}}{_NUMBER}°? ?([EWOewo]?)[\])]?\Z")
_SINGLE = re.compile(rf"{_NUMBER}\Z")
# What stands in a cell of an address but not of a title or a sentence.
_STREETS_TEXT = """
street st avenue ave av road rd lane ln drive dr court ct boulevard blvd place pl square sq
terrace ter parkway pkwy highway hwy circle cir way trail trl close crescent cres gardens gdns
mews row rise walk alley loop plaza broadway straße strasse str weg allee platz gasse ring ufer
damm rue allée chemin impasse quai cours route calle avenida avda plaza paseo camino carrera
carrer ronda c/ via viale piazza corso vicolo largo strada straat laan plein gracht kade dijk
singel rua travessa alameda praça estrada rodovia ulica ul al aleja plac osiedle os gatan gata
vägen vej gade veien gate katu tie tn utca út tér sokak cadde mahallesi
cad sok caddesi bulvar ulice ulici náměstí nám třída nábřeží torg gränd
"""
_STREETS = frozenset((*_STREETS_TEXT.split(), "soka\u011f\u0131", "bulvar\u0131"))
_STREET_ENDS = (
    "strasse",
    "straße",
    "str",
    "weg",
    "allee",
    "platz",
    "gasse",
    "straat",
    "laan",
    "plein",
    "gracht",
    "kade",
    "dijk",
    "singel",
    "gatan",
    "vägen",
    "vej",
    "gade",
    "veien",
    "gata",
    "katu",
    "tie",
    "ring",
    "damm",
    "ufer",
)
_WORDS = re.compile(r"[^\W\d_]+/?")
_NAMES = re.compile(r"[^\W\d_]{3,}")
_NO_STREET = re.compile(
    r"[a-z0-9-]\.[a-z0-9-]+\.[a-z]{2,}|[@\\={}<>]|://|0x|[0-9]{7}|[0-9]\.[0-9]|^[a-z_]+$"
)
_HOUSE = re.compile(r"(?<![0-9])[0-9]{1,5}[A-Za-z]?(?![0-9])")


def gps_pair(text: str) -> bool:
    """Whether it is a latitude and a longitude, exact to about eleven metres."""
    match = _PAIR.match(text.strip())
    if match is None:
        return False
    latitude, longitude = float(match[1]), float(match[3])
    return abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude, longitude) != (0, 0)


def gps_single(text: str) -> bool:
    """Whether it is a latitude or a longitude, exact to about eleven metres."""
    match = _SINGLE.match(text.strip())
    return match is not None and 0 < abs(float(match[1])) <= 180


# End as streets do and are none: "string", "during", "properties".
_NO_STREETS_TEXT = """
string substring docstring during spring monitoring engineering offering rendering ordering
filtering clustering scattering rating centering entering registering sharing caching pairing
wiring wherein hiring firing scoring storing restoring exploring manufacturing layering steering
gathering numbering buffering triggering considering remembering covering recovering delivering
necktie bowtie untie roadie birdie
"""
_NO_STREETS = frozenset(_NO_STREETS_TEXT.split())


def street_address(text: str) -> bool:
    """Whether a cell holds a street and a house number."""
    if not 6 <= len(text) <= 200 or _HOUSE.search(text) is None:
        return False
    words = _WORDS.findall(text.lower())
    return 1 <= len(words) <= 20 and any(
        word in _STREETS
        or (word.endswith(_STREET_ENDS) and len(word) > 5 and word not in _NO_STREETS)
        for word in words
    )


def address_shape(text: str) -> bool:
    """Whether it is a few words and a house number, as in a cell under a header that says so."""
    if not 5 <= len(text) <= 120 or _HOUSE.search(text) is None or _NO_STREET.search(text):
        return False
    return 1 <= len(_NAMES.findall(text)) <= 12


def postcode(text: str) -> bool:
    """Whether a cell holds a postcode: three to ten characters, a digit among them."""
    return 3 <= len(text) <= 10 and any("0" <= c <= "9" for c in text) and len(set(text)) > 1
