"""Kubernetes: the manifests of secrets, whose values are base64."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from itertools import pairwise

from ..model import Likelihood
from ..placeholders import stand_in
from .kinds import marked, named
from .model import FileHit, Parser, is_secret_name

_KIND = re.compile(rb"^kind:[ \t]*[\"']?Secret[\"']?[ \t]*\r?$", re.MULTILINE)
_DOCUMENT = re.compile(rb"^---", re.MULTILINE)
_BLOCK = re.compile(
    rb"^(?P<kind>data|stringData):[ \t]*\r?\n(?P<lines>(?:[ \t]+[^\r\n]*\r?\n?|[ \t]*\r?\n)+)",
    re.MULTILINE,
)
_PAIR = re.compile(
    rb"^[ \t]+[\"']?(?P<name>[\w.-]{1,253})[\"']?:[ \t]+[\"']?(?P<value>[^\s\"']{1,1048576})",
    re.MULTILINE,
)
_CERTIFICATE = re.compile(r"(?:^|[._-])(?:crt|cert|ca|pub|cer)$")
# Keys that hold a secret whatever else they are called: the types of secrets name them so.
_HOLDS = re.compile(
    r"(?:[._-]key|ssh-privatekey|\.env|kubeconfig|keystore|\.p12|\.jks"
    r"|[_.-]pass|[_.-]dsn|(?:database|db|redis|mongo|amqp|broker)[_.-]?ur[il]|connection[_.-]?string)$",
    re.IGNORECASE,
)
_LOGIN = re.compile(r'"(?:auth|password|identitytoken)"\s*:\s*"[^"]{4,}"')
_READ = 4_096


def kubernetes(data: bytes) -> Iterator[FileHit]:
    """Yield the values of secrets: of keys that say so, and tokens and keys under any name."""
    if _KIND.search(data) is None:
        return
    starts = [0, *(match.start() for match in _DOCUMENT.finditer(data)), len(data)]
    for start, end in pairwise(starts):
        if _KIND.search(data, start, end):
            yield from _secret(data, start, end)


def manifest_or(other: Parser) -> Parser:
    """Return a parser of manifests of secrets, and by another of files that are none."""

    def parse(data: bytes) -> Iterator[FileHit]:
        yield from kubernetes(data) if _KIND.search(data) else other(data)

    return parse


def _secret(data: bytes, start: int, end: int) -> Iterator[FileHit]:
    for block in _BLOCK.finditer(data, start, end):
        for pair in _PAIR.finditer(data, *block.span("lines")):
            name = pair["name"].decode("ascii", "replace")
            value = pair["value"]
            plain = _plain(value) if block["kind"] == b"data" else value
            kind = _kind(name, plain)
            if kind:
                rule, span = "file-kubernetes", pair.span("value")
                yield FileHit(kind, rule, *span, Likelihood.VERY_LIKELY)


def _plain(value: bytes) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        return b""


def _kind(name: str, plain: bytes) -> str:
    """Return the type of what a key of a secret holds, empty for no secret."""
    head = plain[:_READ].decode("utf-8", "replace")
    if "PRIVATE KEY-----" in head:
        return "PRIVATE_KEY"
    if name.startswith(".docker"):
        return "BASIC_AUTH" if _LOGIN.search(head) else ""
    if len(plain) < 4 or stand_in(head) or _CERTIFICATE.search(name):
        return ""
    if is_secret_name(name) or _HOLDS.search(name) or marked(plain[:_READ]):
        return named(name)
    return ""
