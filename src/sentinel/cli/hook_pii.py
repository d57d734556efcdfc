"""The hook ``pii-scan``."""

from __future__ import annotations

from ..errors import UsageError


def pii_scan(argv: list[str]) -> int:
    """Look for personal data in files.

    Args:
        argv: Options and files after the hook's name, as the framework passed them.

    Returns:
        The exit code.

    Raises:
        UsageError: Always, in this version.
    """
    raise UsageError("pii-scan is not available in this version")
