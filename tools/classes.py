"""Which names may be called safe, and the data classes that libraries define."""

from __future__ import annotations

from sentinel.rules.imports import Standing, judge

Defined = dict[tuple[str, str], str]


class Policy:
    """Decides about each candidate for a safe table."""

    def rule(self, module: str, name: str, kind: str) -> str | None:
        """Return the capability of calling a safe name, or None when it is not safe.

        Args:
            module: Its module.
            name: Its name there.
            kind: ``seen`` or ``defined``.
        """
        found = judge(module, name)
        if found.standing in (Standing.SHAPE,) or found.odd:
            return None
        return "" if found.standing is not Standing.DANGEROUS or module == "inspect" else None


def defined() -> Defined:
    """Return the data classes that the installed libraries define."""
    return {}
