"""Names what bytes look like that no member accounts for."""

from __future__ import annotations

import re

_PICKLE = (
    rb"\x80[\x02-\x05](?:\x95|[c(}\]\x8c\x8aX\x28NKGU])"  # protocol 2 and later
    rb"|c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n"  # GLOBAL in any protocol
    rb"|\(i[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n"  # INST
)
_EXECUTABLES = (
    b"\x7fELF",
    b"MZ",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\0asm",
)
_SEARCHED = 4096
_CONTROL = rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


def name_bytes(data: bytes) -> str:
    """Return what bytes look like.

    Args:
        data: The first few KiB of them.

    Returns:
        ``archive``, ``executable``, ``script``, ``pickle``, ``model`` (a TensorFlow Lite file,
        whose metadata is a zip behind it), ``text`` or ``data``.
    """
    if data.startswith((b"PK\x03\x04", b"PK\x01\x02")) or data[257:262] == b"ustar":
        return "archive"
    if data.startswith(_EXECUTABLES):
        return "executable"
    if data.startswith(b"#!"):
        return "script"
    if data[4:8] == b"TFL3":
        return "model"
    if re.search(_PICKLE, data[:_SEARCHED]):
        return "pickle"
    return "data" if re.search(_CONTROL, data[:_SEARCHED]) else "text"
