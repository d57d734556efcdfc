"""The page of reason codes, out of the table that the refusals use."""

from __future__ import annotations

from sentinel.trust.reasons import REASONS

from .markdown import NOTE, code, table


def reasons_page() -> str:
    """Return the table of the codes with which something is not trusted."""
    rows = ((code(reason), meaning) for reason, meaning in sorted(REASONS.items()))
    return (
        f"{NOTE}# Reasons of refusals\n\n"
        "`sentinel sign`, `attest`, `verify`, `convert` and `watermark` say `refused (code)` and "
        "end with exit code 1 when something must not be trusted. The library raises `TrustError` "
        "with the code in `reason`.\n\n" + table(("code", "meaning"), rows)
    )
