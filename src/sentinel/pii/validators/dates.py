"""Dates on which people may have been born."""

from __future__ import annotations

import re

from .checksums import is_date

_FIRST_YEAR, _LAST_YEAR = 1900, 2029
_NUMBERS = re.compile(
    r"([0-9]{1,4})([-./\u5e74 ]) ?([0-9]{1,2})[-./\u6708 ] ?([0-9]{1,4})\u65e5?\Z"
)
_RUN = re.compile(r"(?:19|20)[0-9]{6}\Z")
_WORDS = re.compile(
    r"([0-9]{1,2})?(?:st|nd|rd|th|\.|er|º)?[ -]*(?:de |of )?([^\W\d_]{3,12})\.?,?[ -]+"
    r"(?:de )?(?:([0-9]{1,2})(?:st|nd|rd|th)?,? +)?([0-9]{4})\Z"
)
_TIME = re.compile(
    r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?\Z"
)
# The first letters of the months in English, German, French, Spanish, Italian, Dutch, Portuguese
# and Polish, enough of them to tell one from another.
_MONTHS = (
    "jan gen ene sty",
    "feb fév fev lut",
    "mar mär maa mrt",
    "apr avr abr kwi",
    "may mai mei mag maj",
    "jun juin giu cze",
    "jul juil lug lip",
    "aug aoû aou ago sie",
    "sep set wrz",
    "oct okt ott out paź paz",
    "nov lis",
    "dec dez déc dic gru",
)


def birth_date(text: str) -> bool:
    """Whether it is a date of 1900 to 2029 that is in the calendar, in any usual order."""
    text = _TIME.sub("", text.strip())
    if _RUN.match(text) and text.isascii():
        return _born(int(text[:4]), int(text[4:6]), int(text[6:]))
    match = _NUMBERS.match(text)
    if match is not None:
        return _numbers(match[1], match[3], match[4])
    match = _WORDS.match(text)
    if match is None or not (match[1] or match[3]):
        return False
    month = _month(match[2].lower())
    return month > 0 and _born(int(match[4]), month, int(match[1] or match[3]))


def _numbers(first: str, second: str, third: str) -> bool:
    if len(first) == 4:
        return len(third) <= 2 and _born(int(first), int(second), int(third))
    if len(first) > 2 or len(third) not in (2, 4):
        return False
    years = (int(third),) if len(third) == 4 else (1900 + int(third), 2000 + int(third))
    return any(
        _born(year, int(month), int(day))
        for year in years
        for day, month in ((first, second), (second, first))
    )


def _born(year: int, month: int, day: int) -> bool:
    return _FIRST_YEAR <= year <= _LAST_YEAR and is_date(year, month, day)


def _month(word: str) -> int:
    for size in (4, 3):
        for number, starts in enumerate(_MONTHS, 1):
            if word[:size] in starts.split():
                return number
    return 0
