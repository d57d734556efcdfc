"""Text in metadata that bears the mark of a credential: kept, so that a rule can judge it.

Only metadata is ever looked at. Weights are never searched: any few letters turn up in them.
"""

from __future__ import annotations

import re
from functools import cache

MARKS = (
    "://", "AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "hf_",
    "sk-", "xox", "AIza", "npm_", "pypi-AgE", "dckr_pat_", "PRIVATE KEY", "SG.", "dapi", "nvapi-",
    "r8_", "gsk_", "sig=", "oken=",
)  # fmt: skip
"""What a text must hold to be kept."""
_AROUND = 400
_MOST = 30


@cache
def _marks() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, MARKS)))


def excerpts(text: str) -> list[str]:
    """Return the pieces of a text around its marks, thirty at most."""
    found: list[str] = []
    at = 0
    while at < len(text) and len(found) < _MOST:
        match = _marks().search(text, at)
        if match is None:
            break
        start = max(match.start() - 20, at)
        at = match.end() + _AROUND
        found.append(text[start:at])
    return found
