"""Values that all predicates share: times, digests, and texts that a person typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from ...errors import TrustError, UsageError

MAX_TEXT = 4096
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_STAMP = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})", re.ASCII
)


def stamp(moment: datetime) -> str:
    """Return a time as RFC 3339 in UTC, to the second.

    Raises:
        UsageError: The time has no time zone.
    """
    if moment.tzinfo is None:
        raise UsageError("a time without a time zone", "give one with tzinfo, e.g. timezone.utc")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: object, what: str) -> datetime:
    """Return the time that an RFC 3339 text stands for.

    Args:
        text: What was read.
        what: Names the field, for the message.

    Raises:
        TrustError: It is no such text (``statement-invalid``).
    """
    if isinstance(text, str) and _STAMP.fullmatch(text):
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise TrustError("statement-invalid", f"{what}: no RFC 3339 time", "attest the model again")


def sha256(text: object, what: str) -> str:
    """Return a SHA-256 digest written as 64 lower-case hexadecimal digits.

    Raises:
        UsageError: It is none.
    """
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise UsageError(f"{what}: a SHA-256 is 64 hexadecimal digits in lower case")
    return text


def text(value: object, what: str) -> str:
    """Return a text that a person typed, where it is a short printable one.

    Raises:
        UsageError: It is empty, too long, or has control characters.
    """
    if not isinstance(value, str) or not value or len(value) > MAX_TEXT or not value.isprintable():
        raise UsageError(f"{what}: expected at most {MAX_TEXT} printable characters")
    return value


def descriptor(name: str, digest: str, **annotations: object) -> dict[str, object]:
    """Return an in-toto ResourceDescriptor of something with a SHA-256."""
    found: dict[str, object] = {
        "name": text(name, "name of a resource"),
        "digest": {"sha256": sha256(digest, name)},
    }
    if annotations:
        found["annotations"] = dict(annotations)
    return found


def without_none(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields that have a value."""
    return {key: value for key, value in fields.items() if value not in (None, "", [], {}, ())}
