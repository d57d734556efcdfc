"""JSON whose keys say what is secret, and XML whose elements and attributes do."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from .model import FileHit, Parser, is_secret_name, value_hit

_PAIR = re.compile(
    rb"\"(?P<name>[^\"\\\r\n]{1,80})\"\s{0,20}:\s{0,20}\"(?P<value>(?:[^\"\\\r\n]|\\.){1,4096})\""
)
_LINE_COMMENT = re.compile(rb"[ \t]*//")


def json_pairs(rule: str, *also: str) -> Parser:
    """Return a parser of JSON, with or without comments.

    Args:
        rule: Name of the reader.
        also: Keys that hold secrets in such files and tell nothing elsewhere.
    """
    extra = frozenset(also)

    def parse(data: bytes) -> Iterator[FileHit]:
        for match in _PAIR.finditer(data):
            name = match["name"].decode("utf-8", "replace")
            if (name in extra or is_secret_name(name)) and not _commented(data, match.start()):
                yield from value_hit(data, *match.span("value"), rule, name)

    return parse


def _commented(data: bytes, start: int) -> bool:
    line = max(data.rfind(b"\n", max(0, start - 200), start) + 1, start - 200, 0)
    return _LINE_COMMENT.match(data, line, start) is not None


def docker(data: bytes) -> Iterator[FileHit]:
    """Yield the logins of a Docker configuration: base64 of ``user:password``, and tokens."""
    for match in _PAIR.finditer(data):
        name, span = match["name"], match.span("value")
        if name == b"auth" and _is_login(match["value"]):
            yield from value_hit(data, *span, "docker", kind="BASIC_AUTH")
        elif name in (b"identitytoken", b"registrytoken", b"password"):
            yield from value_hit(data, *span, "docker")


def _is_login(value: bytes) -> bool:
    try:
        return b":" in base64.b64decode(value, validate=True)[1:-1]
    except binascii.Error:
        return False


def kaggle(data: bytes) -> Iterator[FileHit]:
    """Yield the key of a ``kaggle.json``."""
    for match in _PAIR.finditer(data):
        if match["name"] == b"key":
            yield from value_hit(data, *match.span("value"), "kaggle", kind="KAGGLE_KEY")


_ELEMENT = re.compile(
    rb"<(?P<name>[A-Za-z_][\w.:-]{0,60})(?:\s[^<>]{0,300})?>(?P<value>[^<>\r\n]{1,2000})</"
)
_ATTRIBUTE = re.compile(
    rb"\b(?P<name>[A-Za-z_][\w.:-]{0,60})\s{0,4}=\s{0,4}\"(?P<value>[^\"<>\r\n]{1,2000})\""
)
_SETTING = re.compile(
    rb"\b(?:key|name)=\"(?P<name>[\w.:/-]{1,100})\"\s{1,8}value=\"(?P<value>[^\"<>\r\n]{1,2000})\"",
    re.IGNORECASE,
)
_CONNECTION = re.compile(rb"(?:password|pwd)[ \t]?=[ \t]?(?P<value>[^;\"'<>\r\n]{1,200})", re.I)


def xml(rule: str) -> Parser:
    """Return a parser of XML: elements and attributes with telling names, connection strings."""

    def parse(data: bytes) -> Iterator[FileHit]:
        for pattern in (_ELEMENT, _ATTRIBUTE, _SETTING):
            for match in pattern.finditer(data):
                name = match["name"].decode("ascii", "replace")
                if is_secret_name(name):
                    yield from value_hit(data, *match.span("value"), rule, name)
        for match in _CONNECTION.finditer(data):
            yield from value_hit(data, *match.span("value"), rule)

    return parse
