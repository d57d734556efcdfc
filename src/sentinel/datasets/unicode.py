"""Characters that are in a text and not on the screen.

Direction marks that turn text round ("Trojan Source", CVE-2021-42574), tag characters and variation
selectors that carry a second text within the first, and blanks without width. Each has good uses:
right-to-left scripts, flags, joined letters, emoji; what is told is what those do not explain.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ..findings import Gap, Location
from .notes import Notes, Place, Tally

_ANY = re.compile(
    "[\u200b-\u200d\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufe00-\ufe0f\u180e"
    "\U000e0000-\U000e01ef]+"
)
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,7}\U000e007f")
_OVERRIDES = frozenset("\u202d\u202e")
_TURNS = frozenset("\u202a\u202b\u2066\u2067\u2068\u202d\u202e")
_ZERO = frozenset("\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff\u180e")
_PLAIN = frozenset("\u200c\u200d\ufe0e\ufe0f")
_LEAST_SELECTORS = 4
_LEAST_ZERO = 8
_ESCAPE = re.compile(
    r"\\u(?:d83c\\udff4|db40\\ud[cd][0-9a-f]{2}|20[0-6][0-9a-f]|fe0[0-9a-f]|feff|180e)",
    re.IGNORECASE,
)
_MOST_LOOKED = 200_000
_SAYS = {
    "tags": "tag characters, which no screen shows, carry text of their own",
    "selectors": "runs of variation selectors, which no screen shows, carry bytes of their own",
    "overrides": "marks that turn the direction of text stand in text that has one direction",
    "turns": "marks of direction stand in text that has one direction",
    "zero-run": "long runs of characters without width carry bits of their own",
    "zero": "characters without width stand within Latin words",
}


class HiddenText:
    """Looks for characters that no screen shows; plain ASCII costs nothing."""

    def __init__(self) -> None:
        self._tallies = {kind: Tally() for kind in _SAYS}
        self._looked = 0
        self.is_cut = False
        """True when there was more of it than is looked at."""

    def feed(self, text: str, place: Place) -> None:
        """Look at a piece of text.

        Args:
            text: The piece, its escapes resolved.
            place: Where it begins; lines are counted on from there.
        """
        if text.isascii():
            return
        # By where their tags begin, for a text may be full of them.
        flags = {one.start() + 1: one.end() for one in _FLAG.finditer(text)}
        line, counted = place.line, 0
        for match in _ANY.finditer(text):
            kind = self._kind(text, match, flags)
            self._looked += match[0] not in _PLAIN  # a text may be full of emoji
            if self._looked > _MOST_LOOKED:
                self.is_cut = True
                return
            if not kind:
                continue
            if place.line:
                line += text.count("\n", counted, match.start())
                counted = match.start()
            self._tallies[kind].add(place._replace(line=line), _named(kind, match[0]))

    def _kind(self, text: str, match: re.Match[str], flags: dict[int, int]) -> str:
        run, start, end = match[0], match.start(), match.end()
        if any("\U000e0000" <= char <= "\U000e007f" for char in run):
            return "" if end <= flags.get(start, 0) else "tags"
        selectors = sum("\ufe00" <= char <= "\ufe0f" or char >= "\U000e0100" for char in run)
        if selectors >= _LEAST_SELECTORS:
            return "selectors"
        if not _TURNS.isdisjoint(run):
            if _is_rtl(text, start, end):
                return ""
            return "turns" if _OVERRIDES.isdisjoint(run) else "overrides"
        zeros = [char for char in run if char in _ZERO]
        if len(zeros) >= _LEAST_ZERO and len(set(zeros)) > 1:
            return "zero-run"
        within = text[start - 1 : start].isalpha() and text[end : end + 1].isalpha()
        latin = (text[start - 1 : start] + text[end : end + 1]).isascii()
        return "zero" if zeros and within and latin and start else ""

    def report(self, notes: Notes, place: Location) -> None:
        """Note what was found, and whether more was there; ``place`` is that of the text."""
        for kind, tally in self._tallies.items():
            if tally.number:
                notes.add(tally.note(f"hidden-{kind}", _SAYS[kind]))
        if self.is_cut:
            detail = f"more than {_MOST_LOOKED} marks that no screen shows; others were not judged"
            notes.gaps.append(Gap("limit", place, detail))


def resolved(text: str) -> str:
    r"""Return JSON text with those escapes (``\u202e``) resolved that this module is about."""
    if "\\u" not in text:
        return text
    return _ESCAPE.sub(_resolve, text)


def _resolve(match: re.Match[str]) -> str:
    units = b"".join(int(unit, 16).to_bytes(2, "big") for unit in match[0].split("\\u") if unit)
    return units.decode("utf-16-be", "replace")


def _is_rtl(text: str, start: int, end: int) -> bool:
    """Return True when the line around a place has letters that run from right to left."""
    above = max(text.rfind("\n", 0, start), start - 1000) + 1
    below = text.find("\n", end, end + 1000)
    around = text[above : below if below >= 0 else end + 1000]
    return _rtl().search(around) is not None


@lru_cache(maxsize=1)
def _rtl() -> re.Pattern[str]:
    """Return what matches a letter of a script that runs from right to left."""
    blocks = (range(0x200F, 0x2010), range(0x590, 0x900), range(0xFB1D, 0xFEFD),
              range(0x10800, 0x11000), range(0x1E800, 0x1F000))  # fmt: skip
    every = (chr(code) for block in blocks for code in block)
    found = (char for char in every if unicodedata.bidirectional(char) in ("R", "AL"))
    return re.compile(f"[{''.join(found)}]")


def _named(kind: str, run: str) -> str:
    if kind == "tags":
        said = "".join(chr(ord(char) - 0xE0000) for char in run if 0xE0020 <= ord(char) < 0xE007F)
        return f"says {said[:80]!r}"
    names = dict.fromkeys(f"U+{ord(char):04X}" for char in run)
    return " ".join(list(names)[:4])
