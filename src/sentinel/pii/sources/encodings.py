"""Which encoding a text is in, and whether it is text at all."""

from __future__ import annotations

import codecs

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as UTF-16's does, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2))
_BINARY = (b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\x89HDF", b"\0asm")
"""How some common files begin that are no text, whatever much of them looks like."""

_SPACES = frozenset((7, 8, 9, 10, 11, 12, 13, 27))
_CONTROLS = bytes([*(code for code in range(32) if code not in _SPACES), 127])
_JUDGED = 8192
_TELLING = 12  # so many bytes are hardly ASCII by chance


def encoding_of(head: bytes, *, filled: bool = False) -> tuple[str, int] | None:
    """Return the encoding of a text and the length of its byte order mark.

    Text that is neither UTF-16 nor UTF-32 is called ``utf-8`` here: ``to_utf8`` sorts out what is
    not.

    Args:
        head: Its first bytes, a few KiB.
        filled: Whether zeros may stand between texts in UTF-16 or UTF-32, to fill up a width.

    Returns:
        ``(codec, bytes of the mark)``, or None for what is no text.
    """
    for mark, name in _BOMS:
        if head.startswith(mark):
            rest = head[len(mark) : _JUDGED]
            # Two bytes in front do not make text unreadable for the programs that skip them.
            return "utf-8" if _is_narrow(rest) else name, len(mark)
    if 0 in head[:_JUDGED]:
        for name, width in _WIDE:
            if _is_wide(head[:_JUDGED], name, width, filled):
                return name, 0
    return None if is_binary(head) else ("utf-8", 0)


def _is_narrow(rest: bytes) -> bool:
    """Return True for UTF-8 without a zero, four fifths of it ASCII: UTF-16 has about half."""
    plain = len(rest) - len(rest.translate(None, bytes(range(128))))
    return len(rest) >= _TELLING and plain * 5 >= len(rest) * 4 and 0 not in rest and _is_utf8(rest)


def _is_wide(head: bytes, name: str, width: int, filled: bool) -> bool:
    """Return True when bytes read well as UTF-16 or UTF-32: printable, much of it ASCII."""
    text = head[: len(head) // width * width].decode(name, "replace")
    if filled:
        text = text.replace("\0", "")
    if len(text) < 2:
        return False
    good = sum(char.isprintable() or char in "\t\r\n\f" for char in text)
    plain = sum(char.isascii() for char in text)
    # A character outside of the first plane may be cut in two at the end.
    return good >= len(text) * 0.98 - 1 and plain * 10 >= len(text) * 3


def is_plain(head: bytes) -> bool:
    """Return True for bytes without a single control character that texts do not hold."""
    return len(head) == len(head.translate(None, _CONTROLS))


def is_binary(head: bytes) -> bool:
    """Return True for bytes that are no text in an encoding of single bytes or in UTF-8."""
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if not controls:
        return False
    share = controls / len(head)
    if share > 0.3 or head.startswith(_BINARY):
        return True
    return share > (0.002 if 0 in head else 0.05) and not _is_utf8(head)


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def is_latin(data: bytes) -> bool:
    """Return True for text in an encoding of single bytes, False for UTF-8, broken here or there.

    What breaks UTF-8 in more places than it has whole characters is none.
    """
    if data.isascii():
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        broken = data.decode("utf-8", "replace").count("\ufffd")
        return broken * 2 > len(data) - len(data.translate(None, bytes(range(128, 256))))
    return False


def to_utf8(data: bytes) -> bytes:
    """Return text in UTF-8 as it is, broken or not, and other text transcoded as Windows-1252."""
    if not is_latin(data):
        return data
    return data.decode("cp1252", "sentinel-latin").encode()


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    # Five bytes are unassigned in Windows-1252; they are taken as ISO 8859-1 has them.
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("sentinel-latin", _as_latin)
