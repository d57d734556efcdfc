"""What we think of the names of packages: those like a popular one, and those little known."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.requirements.model import INSTALLED, Dependencies, Requirement
from . import RuleContext, rule
from .name_likeness import is_known, like, table
from .supply_chain_common import LISTED, shown, told

_REQUIREMENTS = ("requirements",)
_SECTIONS = frozenset(("pip", "build", "extra"))
"""Looked up on PyPI: channels of conda have names of their own, constraints install nothing."""


def _looked_up(found: Dependencies) -> dict[str, Requirement]:
    """Return the packages that are looked up by name, those in the list itself first."""
    own_first = sorted(found.requirements, key=lambda one: bool(one.file))
    by_name = {
        one.key: one
        for one in reversed(own_first)
        if one.source is None and one.section in _SECTIONS and one.name and one.name.isascii()
    }
    return dict(reversed(by_name.items()))


@rule("SNT1820", "name-like-another", severity=Severity.MEDIUM, formats=_REQUIREMENTS,
      cwe="CWE-1357")  # fmt: skip
def like_another(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """The name of a package is that of a popular one with little changed.

    **What.** A name that is not among the 15,000 most downloaded of PyPI, and differs by one letter
    from one of the first 2,500 or from a library of machine learning; or by hyphens, digits at its
    end, the order of its words or letters that look alike; or, for libraries of machine learning
    alone, by two letters. Medium where one letter makes the difference to a name that is often
    imitated, else low. The tables are `data/popular`, with their date.

    **Why it matters.** Whoever mistypes a name installs what somebody else published under it. This
    is likeness of names and says nothing of what the package holds: many such names are harmless.

    **Fix.** Check that the package is the one that is meant. If it is, suppress this finding for
    the list, or pin the package with its hash and do so.
    """
    told_of = 0
    for name, one in _looked_up(found).items():
        near = like(name)
        if near is not None and told_of < LISTED:
            told_of += 1
            yield told(
                context, one, f"{one.name} differs from {near.target} in {near.how}; it is not "
                "among the most downloaded packages", evidence=shown(one),
                severity=Severity.MEDIUM if near.near else Severity.LOW,
                confidence=Confidence.MEDIUM if near.near else Confidence.LOW,
                remedy=f"Check that {one.name} is meant, and not {near.target}.",
            )  # fmt: skip


@rule("SNT1821", "package-little-known", severity=Severity.INFO, formats=_REQUIREMENTS,
      cwe="CWE-1357")  # fmt: skip
def little_known(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """A server installs packages that are not among the most downloaded ones.

    **What.** The names, in a list that is installed with a model, that are not among the 15,000
    most downloaded of PyPI on the day of the table. A fact: most packages are not among them.

    **Why it matters.** A name that nobody knows may be a slip, an invention of a language model, or
    private and free to be taken on PyPI.

    **Fix.** Check that each is the package that is meant.
    """
    if found.standing != INSTALLED:
        return
    names = _looked_up(found)
    little = [one for name, one in names.items() if not is_known(name)]
    if little:
        yield told(
            context, little[0], f"{len(little)} of {len(names)} packages are not among the "
            f"{len(table().ranks):,} most downloaded of {table().date}",
            evidence=", ".join(one.name for one in little),
        )  # fmt: skip
