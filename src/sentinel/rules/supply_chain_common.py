"""What the rules about lists of packages share: places, severities and hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeVar

from ..findings import Confidence, Finding, Severity
from ..formats.requirements.model import INSTALLED, Dependencies, Include, Option, Requirement
from . import RuleContext

T = TypeVar("T", Requirement, Option, Include)
LISTED = 50
KNOWN_HOSTS = frozenset(
    (
        "pypi.org", "files.pythonhosted.org", "pypi.python.org", "download.pytorch.org",
        "pypi.nvidia.com", "pypi.ngc.nvidia.com", "data.pyg.org", "wheels.vllm.ai",
        "repo.anaconda.com",
    )
)  # fmt: skip
"""Hosts where only the maintainers of an index or of a well-known library publish."""
SHARED_HOSTS = frozenset(("github.com", "gitlab.com", "huggingface.co", "bitbucket.org"))
"""Hosts where anybody publishes, under a name of his own."""
_SPELLED = {
    "index": "--index-url", "extra-index": "--extra-index-url", "find-links": "--find-links",
    "trusted-host": "--trusted-host", "no-index": "--no-index", "pre": "--pre",
}  # fmt: skip
LOCAL_HOSTS = frozenset(("localhost", "127.0.0.1", "::1", "0.0.0.0"))


def graver(found: Dependencies, installed: Severity, otherwise: Severity) -> Severity:
    """Return the severity for a list that is installed with a model, or for any other."""
    return installed if found.standing == INSTALLED else otherwise


def first(items: tuple[T, ...], wanted: Callable[[T], object]) -> Iterator[T]:
    """Yield the first items of a kind, no more than are listed."""
    return islice((one for one in items if wanted(one)), LISTED)


def told(
    context: RuleContext,
    item: Requirement | Option | Include,
    message: str,
    *,
    evidence: str,
    severity: Severity | None = None,
    confidence: Confidence = Confidence.HIGH,
    remedy: str = "",
) -> Finding:
    """Return a finding at the line of an item, in the file that holds it.

    Args:
        context: The rule's.
        item: What it is about.
        message: One line.
        evidence: What was seen, without secrets.
        severity: That of the rule by default.
        confidence: How sure.
        remedy: What to do.
    """
    found = context.finding(
        message, line=item.line, evidence=evidence[:300], severity=severity,
        confidence=confidence, remedy=remedy,
    )  # fmt: skip
    if not item.file:
        return found
    place = found.location
    member = f"{place.member}!{item.file}" if place.member else item.file
    return found._replace(locations=(place._replace(member=member),))


def shown(item: Requirement) -> str:
    """Return a requirement as its evidence shows it."""
    prefix = "-e " if item.editable else ""
    return f"{prefix}{item.text}"


def spelled(option: Option) -> str:
    """Return an option as its evidence shows it."""
    if option.kind == "build":
        return option.value
    return f"{_SPELLED.get(option.kind, option.kind)} {option.value}".strip()
