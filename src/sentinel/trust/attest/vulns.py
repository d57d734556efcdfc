"""in-toto vulnerabilities v0.2: what a dated source of advisories says about the requirements.

There is none of these without a source with a date: an empty list from no source would read as
"no vulnerabilities". https://github.com/in-toto/attestation/blob/main/spec/predicates/vulns_02.md
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..._version import __version__
from .uris import BASE
from .values import stamp, text

EXTENSION = "sentinel_deps"
"""Key of what the specification has no field for; consumers must ignore what they do not know."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where advisories came from.

    Attributes:
        uri: What the dump is called.
        updated: Date of the dump; the result holds as of then.
        version: Its digest or version; may be empty.
    """

    uri: str
    updated: datetime
    version: str = ""


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One advisory that applies.

    Attributes:
        id: Its identity (``PYSEC-2024-1``, ``GHSA-…``, ``CVE-…``).
        package: The package and version it was matched to.
        method: How its severity was scored; empty when it was not.
        score: The score, as the method writes it.
    """

    id: str
    package: str
    method: str = ""
    score: str = ""


def predicate(
    found: Iterable[Vulnerability],
    *,
    source: Source,
    started: datetime,
    finished: datetime,
    compared: int = 0,
    open_: Iterable[str] = (),
) -> dict[str, object]:
    """Return the predicate.

    Args:
        found: The advisories that apply to pinned requirements.
        source: The dated source; there is no default.
        compared: How many requirements were compared with it.
        open_: Requirements about which it was not asked or gives no answer.
        started: When the comparison began.
        finished: When it ended.
    """
    base = {"uri": text(source.uri, "source"), "lastUpdate": stamp(source.updated)}
    if source.version:
        base["version"] = text(source.version, "version of the source")
    return {
        "scanner": {
            "uri": f"{BASE}/deps",
            "version": __version__,
            "db": base,
            "result": [_result(item) for item in found],
        },
        EXTENSION: {
            "compared": compared,
            "notCompared": [text(item, "requirement") for item in open_],
        },
        "metadata": {"scanStartedOn": stamp(started), "scanFinishedOn": stamp(finished)},
    }


def _result(item: Vulnerability) -> dict[str, object]:
    severity = [{"method": item.method, "score": item.score}] if item.method else []
    return {
        "id": text(item.id, "advisory"),
        "severity": severity,
        "annotations": [{"package": text(item.package, "package")}],
    }
