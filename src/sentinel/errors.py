"""Every error SENTINEL raises on purpose.

::

    SentinelError
    ├── UsageError            a wrong argument or option
    ├── SettingsError         a settings, suppression or baseline file that cannot be used
    ├── ReadError             bytes that could not be had (missing, unreadable, shrunk)
    ├── ParseError            bytes that are not what their format says
    │   └── UnsupportedError  a part of a format that is not read here (may name an extra)
    ├── LimitExceeded         a budget that ran out: "incomplete", never "clean"
    └── TrustError            something signed, locked, marked or loaded that must not be trusted
        └── SandboxUnavailable  no jail can be had here, and nothing weaker is used instead

The engine turns read errors, parse errors and limits into coverage gaps; the command line turns
usage and settings errors into exit code 2, and trust errors into exit code 1 with the code of their
reason. Anything else that escapes is a bug.
"""

from __future__ import annotations


class SentinelError(Exception):
    """Base of all errors raised on purpose.

    Args:
        message: One line that names the thing and what was wrong with it.
        hint: What the reader can do about it; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def diagnostics(self) -> str:
        """Return the message and, where there is one, the way out, for a person to read."""
        return f"{self.message}\n  help: {self.hint}" if self.hint else self.message


class UsageError(SentinelError):
    """An argument or option that makes no sense."""


class SettingsError(SentinelError):
    """A settings, suppression or baseline file that cannot be used."""


class ReadError(SentinelError):
    """Bytes that could not be read: missing, forbidden, or gone since the file was opened."""


class ParseError(SentinelError):
    """Bytes that are not what their format says they must be."""


class UnsupportedError(ParseError):
    """A part of a format that cannot be read here; the hint names the extra that would help."""


class LimitExceeded(SentinelError):
    """A budget that ran out before the end of the input."""


def gap_reason(error: SentinelError) -> str:
    """Return the reason code of the gap that an error of reading leaves in a report."""
    if isinstance(error, LimitExceeded):
        return "limit"
    if isinstance(error, UnsupportedError):
        return "unsupported"
    return "unreadable" if isinstance(error, ReadError) else "malformed"


class TrustError(SentinelError):
    """Something that was asked to be trusted and must not be: refused, nothing written or loaded.

    Args:
        reason: The reason code, lower case with hyphens ("digest-mismatch"), for machines.
        message: One line that names the file and what is wrong with it.
        hint: What the reader can do about it; may be empty.
    """

    def __init__(self, reason: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.reason = reason


class SandboxUnavailable(TrustError):
    """The jail cannot be had on this machine; nothing weaker is used in its place."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__("sandbox-unavailable", message, hint)
