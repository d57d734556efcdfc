"""Colours and line-drawing characters of the text report."""

from __future__ import annotations

from typing import NamedTuple

from ..findings import Severity, Verdict
from .run import View

_RESET = "\x1b[0m"

DIM, BOLD = "2", "1"
SEVERITY = {
    Severity.CRITICAL: "1;97;41",
    Severity.HIGH: "1;31",
    Severity.MEDIUM: "1;33",
    Severity.LOW: "36",
    Severity.INFO: "2",
}
VERDICT = {
    Verdict.MALICIOUS: "1;31",
    Verdict.SUSPICIOUS: "1;33",
    Verdict.INCOMPLETE: "1;35",
    Verdict.CLEAN: "32",
}


class Glyphs(NamedTuple):
    """Characters that draw the tree."""

    tee: str
    corner: str
    pipe: str
    dot: str
    ellipsis: str


UNICODE = Glyphs("├─ ", "└─ ", "│  ", "·", "…")
ASCII = Glyphs("|- ", "`- ", "|  ", "-", "...")


class Style:
    """Paints text for one view.

    Args:
        view: How the report is to look.
    """

    __slots__ = ("_color", "glyphs", "width")

    def __init__(self, view: View) -> None:
        self._color = view.color
        self.glyphs = UNICODE if view.unicode else ASCII
        self.width = min(max(view.width, 40), 120)

    def paint(self, text: str, code: str) -> str:
        """Return ``text`` in a colour."""
        return f"\x1b[{code}m{text}{_RESET}" if self._color else text

    def badge(self, text: str, code: str) -> str:
        """Return ``text`` as a coloured field with room around it, or as it is."""
        return self.paint(f" {text} ", code) if self._color else text
