"""Base scores of CVSS 2 and 3, for advisories that give a vector and no word.

https://www.first.org/cvss/v3.1/specification-document section 7 and
https://www.first.org/cvss/v2/guide section 3.2. A vector of CVSS 4 needs the tables of its
specification and gives no score here.
"""

from __future__ import annotations

import math
import re

from ...findings import Severity

_METRIC = "[A-Za-z]{1,3}:[A-Za-z]{1,2}"
_VECTOR = re.compile(rf"(?:CVSS:3\.[01]/)?({_METRIC}(?:/{_METRIC}){{0,39}})/?", re.ASCII)
_IMPACT = {"H": 0.56, "L": 0.22, "N": 0.0}
_V3 = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "C": _IMPACT, "I": _IMPACT, "A": _IMPACT,
}  # fmt: skip
_PRIVILEGES = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}
_IMPACT_2 = {"N": 0.0, "P": 0.275, "C": 0.66}
_V2 = {
    "AV": {"L": 0.395, "A": 0.646, "N": 1.0},
    "AC": {"H": 0.35, "M": 0.61, "L": 0.71},
    "Au": {"M": 0.45, "S": 0.56, "N": 0.704},
    "C": _IMPACT_2, "I": _IMPACT_2, "A": _IMPACT_2,
}  # fmt: skip


def severity_of(method: str, vector: str) -> Severity | None:
    """Return the severity that a vector stands for, or None where it cannot be worked out.

    Args:
        method: ``CVSS_V3`` or ``CVSS_V2``.
        vector: The vector.
    """
    score = base_score(method, vector)
    if score is None:
        return None
    bounds = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM))
    return next((severity for least, severity in bounds if score >= least), Severity.LOW)


def base_score(method: str, vector: str) -> float | None:
    """Return the base score of a vector, from 0 to 10, or None where it is none."""
    found = _VECTOR.fullmatch(vector)
    if found is None:
        return None
    metrics = dict(part.split(":") for part in found[1].split("/"))
    try:
        if method == "CVSS_V3":
            return _score_3(metrics)
        return _score_2(metrics) if method == "CVSS_V2" else None
    except KeyError:  # a metric that is missing, or has no such value
        return None


def _score_3(metrics: dict[str, str]) -> float:
    weight = {name: values[metrics[name]] for name, values in _V3.items()}
    scope = metrics["S"]
    privileges = _PRIVILEGES[scope][metrics["PR"]]
    lost = 1 - (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"])
    changed = scope == "C"
    impact = 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 if changed else 6.42 * lost
    if impact <= 0:
        return 0.0
    exploitability = 8.22 * weight["AV"] * weight["AC"] * privileges * weight["UI"]
    return _up(min((1.08 if changed else 1.0) * (impact + exploitability), 10.0))


def _up(score: float) -> float:
    whole = round(score * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (math.floor(whole / 10_000) + 1) / 10


def _score_2(metrics: dict[str, str]) -> float:
    weight = {name: values[metrics[name]] for name, values in _V2.items()}
    impact = 10.41 * (1 - (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"]))
    exploitability = 20 * weight["AV"] * weight["AC"] * weight["Au"]
    factor = 1.176 if impact else 0.0
    return round((0.6 * impact + 0.4 * exploitability - 1.5) * factor, 1)
