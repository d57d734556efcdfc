"""Baselines: an earlier JSON report whose findings are known and no longer fail the run."""

from __future__ import annotations

import json

from .errors import ReadError, SettingsError
from .limits import MIB
from .readers import open_file

REASON = "known since the baseline"
_MAX = 256 * MIB
_HINT = "make one with `sentinel baseline create`"


class Baseline:
    """Known findings: fingerprints, each bound to the content of its file.

    Args:
        known: SHA-256 digests by fingerprint.
    """

    __slots__ = ("_known", "_used")

    def __init__(self, known: dict[str, set[str]]) -> None:
        self._known = known
        self._used: set[str] = set()

    def __len__(self) -> int:
        return len(self._known)

    def knows(self, fingerprint: str) -> bool:
        """Return True for a fingerprint of the baseline, whatever its file is like now."""
        return fingerprint in self._known

    def accepts(self, fingerprint: str, sha256: str) -> bool:
        """Return True when this finding was known for a file of this very content."""
        if not sha256 or sha256 not in self._known.get(fingerprint, ()):
            return False
        self._used.add(fingerprint)
        return True

    @property
    def unused(self) -> int:
        """Number of findings of the baseline that were not met."""
        return len(self._known) - len(self._used)


def read_baseline(path: str) -> Baseline:
    """Read a JSON report as a baseline.

    Findings that a suppression accepted when it was made are left out: they end with it.

    Raises:
        SettingsError: The file cannot be read or is no report with digests.
    """
    try:
        with open_file(path) as reader:
            if reader.size > _MAX:
                raise SettingsError(f"{path}: larger than a baseline may be")
            document = json.loads(reader.pread(0, reader.size))
    except ReadError as error:
        raise SettingsError(error.message, _HINT) from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: not valid JSON: {error}", _HINT) from error
    findings = document.get("findings") if isinstance(document, dict) else None
    if not isinstance(findings, list):
        raise SettingsError(f"{path}: not a JSON report of ours", _HINT)
    known: dict[str, set[str]] = {}
    for index, entry in enumerate(findings, 1):
        _add(entry, f"{path}: finding {index}", known)
    return Baseline(known)


def _add(entry: object, at: str, known: dict[str, set[str]]) -> None:
    if not isinstance(entry, dict):
        raise SettingsError(f"{at} is no object", _HINT)
    fingerprint, sha256 = entry.get("fingerprint"), entry.get("sha256")
    if not isinstance(fingerprint, str) or not isinstance(sha256, str) or len(sha256) != 64:
        raise SettingsError(f"{at} has no fingerprint and sha256", _HINT)
    if entry.get("suppressed") in (None, REASON):
        known.setdefault(fingerprint, set()).add(sha256)
