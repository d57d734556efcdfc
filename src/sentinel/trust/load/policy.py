"""What a load may do, and what came of it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...errors import UsageError
from ...findings import Report, Severity, Verdict
from ...limits import GIB
from .names import Name, is_exact

if TYPE_CHECKING:
    from ..oms import Trust

LEVELS = ("data-only", "allowlist", "convert", "trusted")
"""How a file may be loaded, the safest way first.

- ``data-only``: formats that hold numbers and text, by readers that run nothing;
- ``allowlist``: pickles, joblib's files and torch checkpoints, made of exact names only;
- ``convert``: loaded in a jail, which hands back a data-only format;
- ``trusted``: signed by a listed key and scanned, then loaded in the ordinary way, which runs what
  the file says.
"""

_DEFAULT_LEVELS = LEVELS[:2]


@dataclass(frozen=True, slots=True)
class LoadPolicy:
    """What ``secure_load`` may do. Whatever is not named here is not allowed.

    Attributes:
        levels: Ways of loading that may be used, tried in the order of ``LEVELS``.
        allow: Exact ``(module, name)`` pairs that a model may use beside those that come with this
            version: classes and functions in the module that defines them. Each may run its own
            code while the file is loaded. No prefix, pattern or dotted name is taken.
        max_size: Largest file, and the most that one may decompress to, in bytes.
        fail_on: Lowest severity of a finding that refuses a file; None lets any finding pass.
        require_complete: Refuse a file of which something was not examined.
        keys: Public keys, or paths of them, whose signature level ``trusted`` accepts.

    Raises:
        UsageError: A level is unknown, a name is no exact name, or a name is known to be dangerous.
    """

    levels: tuple[str, ...] = _DEFAULT_LEVELS
    allow: AbstractSet[Name] = frozenset()
    max_size: int = 16 * GIB
    fail_on: Severity | None = Severity.MEDIUM
    require_complete: bool = True
    keys: tuple[str | os.PathLike[str] | Trust, ...] = ()

    def __post_init__(self) -> None:
        """Check every part."""
        _check_levels(self.levels)
        object.__setattr__(self, "levels", tuple(one for one in LEVELS if one in self.levels))
        object.__setattr__(self, "allow", frozenset(_exact(self.allow)))
        object.__setattr__(self, "keys", tuple(self.keys))
        if type(self.max_size) is not int or self.max_size <= 0:
            raise UsageError("max_size must be a number of bytes above 0")
        if self.fail_on is not None and not isinstance(self.fail_on, Severity):
            raise UsageError("fail_on must be a Severity, or None")
        if "trusted" in self.levels and not self.keys:
            raise UsageError("level 'trusted' needs at least one key", "give keys=[...]")

    def relaxed(self) -> tuple[str, ...]:
        """Return in words what this policy lets pass that the default one refuses."""
        said = []
        if self.fail_on is None:
            said.append("findings of any severity pass")
        elif self.fail_on > Severity.MEDIUM:
            said.append(f"findings below {self.fail_on.label} pass")
        if not self.require_complete:
            said.append("a file that was not examined in full passes")
        said += [f"{module}.{name} may be used" for module, name in sorted(self.allow)]
        return tuple(said)


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What was loaded, and what is known of it.

    Attributes:
        obj: The model, or its tensors by name, or what the format's own reader gives.
        level: How it was loaded; one of ``LEVELS``.
        verdict: What the scan of these bytes said. Clean means that nothing was found.
        digest: SHA-256 of the bytes that were scanned and loaded, 64 hexadecimal digits.
        report: The scan.
        format: What the file was read as.
        signer: Who signed it, at level ``trusted``; else empty.
        relaxed: What the policy let pass that the default one refuses.
    """

    obj: Any = field(repr=False)
    level: str
    verdict: Verdict
    digest: str
    report: Report = field(repr=False)
    format: str
    signer: str = ""
    relaxed: tuple[str, ...] = ()


def _check_levels(levels: object) -> None:
    if not isinstance(levels, Iterable) or isinstance(levels, str):
        raise UsageError("levels must be a tuple of levels")
    found = list(levels)
    if not found:
        raise UsageError("levels names no level")
    for one in found:
        if one not in LEVELS:
            raise UsageError(f"{one!r} is no level", f"one of {', '.join(LEVELS)}")


def _exact(allow: Iterable[object]) -> Iterable[Name]:
    for pair in allow:
        parts = pair if isinstance(pair, tuple) else ()
        if len(parts) != 2 or not all(isinstance(part, str) for part in parts):
            raise UsageError(f"{pair!r} is no (module, name)")
        module, name = parts
        if not is_exact(module, name):
            raise UsageError(
                f"{module}.{name} is no exact name",
                "name a module and a class or function in it; no dots in the name, no wildcards",
            )
        if is_dangerous(module, name):
            raise UsageError(
                f"{module}.{name} runs code, or what it is given, and cannot be allowed"
            )
        yield module, name


def is_dangerous(module: str, name: str) -> bool:
    """Return True for a name that a scan knows to be dangerous, or as bad as its arguments."""
    from ...rules.imports import Standing, judge

    return judge(module, name).standing in (Standing.DANGEROUS, Standing.SHAPE)
