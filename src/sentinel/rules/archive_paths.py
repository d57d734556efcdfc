"""Where a member's name or a link's target would lead when an archive is unpacked."""

from __future__ import annotations

import re

_ROOTS = ("/", "\\")
_DRIVE = r"[A-Za-z]:[\\/]"  # compiled when a name asks for it: hardly any does
_ICON = "Icon\r"  # what the macOS Finder calls the file that holds a folder's icon


def escape(name: str) -> str:
    """Return how a name leads out of the folder it is unpacked to, or an empty string.

    Args:
        name: Name of a member.
    """
    if ".." not in name and not name.startswith(_ROOTS) and name[1:2] != ":":
        return ""
    if name.startswith(("\\\\", "//")):
        return "names a network share"
    if re.match(_DRIVE, name):
        return "names a drive"
    if name.startswith(_ROOTS):
        return "is absolute"
    if ".." in re.split(r"[\\/]", name):
        return "climbs with '..'"
    return ""


def link_escape(name: str, target: str, from_root: bool, links: frozenset[str]) -> str:
    """Return how a link leads out of the folder it is unpacked to, or an empty string.

    Args:
        name: Name of the link.
        target: What it points to.
        from_root: True for a hard link, whose target counts from the archive's root.
        links: Names of all symbolic links of the archive, which the way may lead through.
    """
    how = escape(target)
    if how and how != "climbs with '..'":
        return f"its target {how}"
    base = [] if from_root else _parts(name)[:-1]
    stack: list[str] = []
    for part in (*base, *_parts(target)):
        if part != "..":
            stack.append(part)
            continue
        if not stack:
            return "its target climbs out"
        if "/".join(stack) in links:
            return "its target climbs through another link"
        stack.pop()
    return ""


def clean(name: str) -> str:
    """Return a name as ``link_escape`` wants the names of links."""
    return "/".join(_parts(name))


def deception(name: str) -> str:
    """Return what in a name makes it show as another, or an empty string."""
    if "\0" in name:
        return "a NUL, at which some readers cut it"
    if name.isascii() and name.isprintable():
        return ""
    import unicodedata

    for character in name.removesuffix(_ICON):
        if unicodedata.category(character) == "Cc":
            return f"the control character U+{ord(character):04X}"
        if unicodedata.bidirectional(character) in _TURNS:
            return f"U+{ord(character):04X}, which turns the direction of writing"
    return ""


_TURNS = frozenset(("LRE", "RLE", "LRO", "RLO", "LRI", "RLI", "FSI"))


def _parts(path: str) -> list[str]:
    return [part for part in re.split(r"[\\/]", path) if part not in ("", ".")]
