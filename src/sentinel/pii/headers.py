"""Names of columns and keys, made comparable: ``customerEmail_1`` is ``customer email``."""

from __future__ import annotations

import re
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BREAKS = re.compile(r"[\W_]+")
_LONGEST = 120
# A point behind a word cut short is none of a path: "Tel. privat", "D.O.B.", "Geb.datum".
_CUT = re.compile(
    r"(?<![^\W_])([^\W\d_]|tel|geb|pers|str|cod|num|ph|mob|kd|cust|dat)\.(?=[^\W\d_])"
    r"|\.(?=[^\w\[]|$)",
    re.IGNORECASE,
)
# Whose it is, behind what it is: cpf_cliente, email_customer.
_HOLDERS_TEXT = """
cliente customer client kunde kundin klant user usuario patient paciente employee titular holder
owner person primary secondary home work personal private privat portable mobil mobile móvil movil
mobiel cell kom fix fixe dienstlich geschäftlich casa ufficio prive
"""
_HOLDERS = frozenset(_HOLDERS_TEXT.split())


@lru_cache(maxsize=10_000)
def words(name: str) -> tuple[str, ...]:
    """Return the lower-case words of a column's name, or of the last part of a key's path.

    Numbers at the end are left out: ``phone2`` is one of several phones.
    """
    path = _CUT.sub(r"\1 ", name[-_LONGEST:].removesuffix("[]"))
    last = path.rpartition(".")[2]
    parts = _BREAKS.split(_CAMEL.sub(" ", last).casefold())
    found = [part.rstrip("0123456789") if part[:1].isalpha() else part for part in parts if part]
    while found and (not found[-1] or found[-1].isdigit()):
        found.pop()
    return tuple(found)


class Aliases:
    """Says which info types a header stands for.

    Args:
        headers: Aliases by info type, as ``InfoType.headers``.
    """

    def __init__(self, headers: dict[str, tuple[str, ...]]) -> None:
        self._types: dict[tuple[str, ...], list[str]] = {}
        for name, aliases in headers.items():
            for alias in aliases:
                self._types.setdefault(tuple(alias.split()), []).append(name)
        self._longest = max((len(alias) for alias in self._types), default=0)

    def types(self, header: str) -> tuple[str, ...]:
        """Return the info types whose alias the header is, or ends with."""
        parts = words(header)
        found: dict[str, None] = {}
        for length in range(min(self._longest, len(parts)), 0, -1):
            found.update(dict.fromkeys(self._types.get(parts[-length:], ())))
        if len(parts) > 1 and parts[-1] in _HOLDERS:
            for length in range(min(self._longest, len(parts) - 1), 0, -1):
                found.update(dict.fromkeys(self._types.get(parts[-length - 1 : -1], ())))
        joined = "".join(parts)
        if len(parts) > 1 or not found:
            found.update(dict.fromkeys(self._types.get((joined,), ())))
        return tuple(found)
