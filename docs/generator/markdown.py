"""Pieces of Markdown."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

NOTE = "<!-- Made by docs/generator; edit the source and run `make docs`. -->\n\n"
"""First line of every generated page."""


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def code(text: str) -> str:
    """Return text as inline code that may stand in a table."""
    return f"`{text}`".replace("|", "\\|") if text else ""


def dedent(text: str | None) -> str:
    """Return a docstring without its indentation."""
    return inspect.cleandoc(text or "").strip()
