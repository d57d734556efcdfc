"""Makes names and evidence from inspected files safe to show.

What a model file says may hold terminal sequences, bidirectional controls, line breaks, or the
commands that CI systems read from a log (``::error``, ``##[group]``, ``##vso[...]``). None of it
may reach a terminal or a log as it is.
"""

from __future__ import annotations

import re

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_WORKFLOW = r"(^|\s):(?=:)"  # compiled when it is first needed, which is seldom


def printable(text: str, limit: int = 0) -> str:
    """Return one harmless line that shows ``text``.

    Args:
        text: Anything, lone surrogates included.
        limit: Longest result wanted, in characters before escaping; 0 for no limit.
    """
    text = shorten(text, limit)
    if not text.isprintable():
        text = "".join(char if char.isprintable() else escaped(char) for char in text)
    if "##" in text:
        text = text.replace("##", "#\\x23")
    return re.sub(_WORKFLOW, r"\1\\x3a", text) if "::" in text else text


def encodable(text: str, limit: int = 0) -> str:
    """Return ``text`` with lone surrogates spelled out, so that any encoder and parser takes it."""
    text = shorten(text, limit)
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(escaped(char) if 0xD800 <= ord(char) < 0xE000 else char for char in text)
    return text


def shorten(text: str, limit: int) -> str:
    """Cut ``text`` to ``limit`` characters, the end marked; 0 leaves it alone."""
    return text if not limit or len(text) <= limit else text[: limit - 1] + "…"


def escaped(char: str) -> str:
    """Return a character as an escape that names it."""
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x100:
        return _SHORT.get(char) or f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
