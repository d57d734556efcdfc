"""What is looked for in any text, whatever it came from."""

from __future__ import annotations

from ..findings import Location
from .cells import Links
from .notes import Notes, Place, Tally
from .orders import Spoken
from .unicode import HiddenText, resolved

_ENCODED = {
    "TVqQAAMAAAA": "PE executable", "TVpQAAIAAAA": "PE executable",
    "f0VMRgIBAQ": "ELF executable", "f0VMRgEBAQ": "ELF executable",
}  # fmt: skip
"""How the headers of programs look in Base64; each holds fields that are always the same."""


class TextWatch:
    """Looks for hidden characters, links and programs written as text."""

    def __init__(self) -> None:
        self._hidden = HiddenText()
        self._links = Links()
        self._programs = Tally()
        self._spoken = Spoken()

    def feed(
        self, text: str, place: Place, *, escapes: bool = False, document: bool = False
    ) -> None:
        """Look at a piece of text.

        Args:
            text: The text.
            place: Where it begins.
            escapes: Whether it is JSON, where characters may be written as escapes.
            document: Whether it has no rows, which are looked at for more by ``table``.
        """
        if document:
            self._spoken.feed(text, place)
        self._hidden.feed(resolved(text) if escapes else text, place)
        self._links.feed(text, place)
        for mark, kind in _ENCODED.items():
            at = text.find(mark)
            if at >= 0:
                line = place.line + text.count("\n", 0, at) if place.line else 0
                self._programs.add(place._replace(line=line), kind, text.count(mark))

    def report(self, notes: Notes, place: Location) -> None:
        """Note what was found in the text, which is the file or member at ``place``."""
        self._hidden.report(notes, place)
        self._links.report(notes)
        self._spoken.report(notes)
        if self._programs.number:
            says = "a program stands in the text, written in Base64"
            notes.add(self._programs.note("program-encoded", says))
