"""The error that a guard stops an artifact with."""

from __future__ import annotations

from ..errors import SentinelError
from ..findings import Report
from ..reports.escape import printable

_BETWEEN = frozenset(
    ("asyncio", "concurrent", "mlflow", "multiprocessing", "sentinel", "threading")
)  # fmt: skip
"""What stands between a guard and the user: the library, and what runs threads."""


class SentinelBlocked(SentinelError):
    """An artifact that a guard did not let through.

    It is no error of the library that is guarded, so that the library does not take it for one of
    its own and go on.

    Args:
        message: One line: what was not done, the artifact, the rule and what it says.
        hint: What to do about it.

    Attributes:
        action: ``log``, ``load`` or ``register``.
        artifact: Name of the file that is to blame, or of what was to be registered.
        rule: Id of the rule; for what was not examined ``coverage.`` and the reason.
        reports: What the scanner said of every file, where there was a scan.
        acknowledged: Whether the caller has dealt with it, see ``acknowledge``.
        was_seen: Whether it was raised to the caller's own code.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.action = ""
        self.artifact = ""
        self.rule = ""
        self.reports: tuple[Report, ...] = ()
        self.acknowledged = False

    def acknowledge(self) -> None:
        """Say that this was dealt with: the guard does not raise it once more at its end."""
        self.acknowledged = True

    @property
    def was_seen(self) -> bool:
        """Whether it came as far as the user's code, by how far up it was raised."""
        if self.__traceback__ is None:
            return False
        module = str(self.__traceback__.tb_frame.f_globals.get("__name__", ""))
        return module.partition(".")[0] not in _BETWEEN

    def __str__(self) -> str:
        return self.diagnostics()


def blocked(
    message: str,
    hint: str,
    *,
    action: str,
    artifact: str,
    rule: str,
    reports: tuple[Report, ...] = (),
) -> SentinelBlocked:
    """Return the error with all that is known of it."""
    error = SentinelBlocked(printable(message), hint)  # names of files may hold anything
    error.action, error.artifact, error.rule = action, artifact, rule
    error.reports = reports
    return error
