"""Every error SENTINEL raises on purpose.

::

    SentinelError
    ├── UsageError            a wrong argument or option
    ├── SettingsError         a settings, suppression or baseline file that cannot be used
    ├── ReadError             bytes that could not be had (missing, unreadable, shrunk)
    ├── ParseError            bytes that are not what their format says
    │   └── UnsupportedError  a part of a format that is not read here (may name an extra)
    └── LimitExceeded         a budget that ran out: "incomplete", never "clean"

The engine turns the last three into coverage gaps; the command line turns the first two into exit
code 2. Anything else that escapes is a bug.
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
