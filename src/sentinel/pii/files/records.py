"""Files of records whose fields are parted by colons, and those of ``user:password@host``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .model import FileHit, by_pattern, value_hit

# crypt(3) and its relatives, and the older ones that Apache writes.
_HASH = (
    rb"(?:\$(?:[1256y]|2[abxy]|apr1|md5|sha1|argon2\w{0,2}|scrypt|pbkdf2[\w-]{0,12}|7|gy)\$"
    rb"[./A-Za-z0-9$=,+*]{8,300}|\{(?:S?SHA|MD5|SMD5|CRYPT|SHA(?:256|512)|PBKDF2[\w-]{0,12})\}"
    rb"[./A-Za-z0-9$=+]{8,200}|[./A-Za-z0-9]{13}(?=[:\r\n]|\Z))"
)

pgpass = by_pattern(
    rb"^(?!#)(?:[^:\r\n\\]|\\.){1,255}:(?:\d{1,5}|\*):(?:[^:\r\n\\]|\\.){1,64}"
    rb":(?:[^:\r\n\\]|\\.){1,64}:(?P<value>[^\r\n]{1,256})$",
    "pgpass",
)
htpasswd = by_pattern(
    rb"^(?!#)[^:\r\n]{1,128}:(?P<value>" + _HASH + rb"|[^:\s$]{4,80}$)", "htpasswd", "PASSWORD_HASH"
)
shadow = by_pattern(
    rb"^[\w.-]{1,64}:!{0,2}(?P<value>" + _HASH + rb")(?=[:\r\n]|\Z)", "shadow", "PASSWORD_HASH"
)
sql_hashes = by_pattern(
    rb"'(?P<value>\$(?:[156y]|2[abxy]|argon2\w{0,2})\$[./A-Za-z0-9$=,+]{20,200})'",
    "sql",
    "PASSWORD_HASH",
)
url_passwords = by_pattern(
    rb"[a-z]{2,10}(?:\+[a-z0-9]{2,12})?://[^\s:/@]{0,100}:(?P<value>[^\s/@\"']{1,256})@",
    "url",
    "URL_PASSWORD",
)
s3fs = by_pattern(
    rb"^(?:[^:\s]{1,64}:)?[A-Z0-9]{16,32}:(?P<value>[A-Za-z0-9/+]{20,60})[ \t]*$",
    "s3fs",
    "AWS_SECRET_KEY",
)
url_token = by_pattern(rb"/t/(?P<value>[A-Za-z0-9_-]{10,120})/", "conda")

_NETRC = re.compile(rb"[^\s\"]{1,512}|\"(?:[^\"\\\r\n]|\\.){0,512}\"")


def netrc(data: bytes) -> Iterator[FileHit]:
    """Yield the passwords of a ``.netrc``: the word behind each ``password``."""
    before = machine = b""
    for match in _NETRC.finditer(data):
        word = match[0]
        if before in (b"password", b"account"):
            quoted = word[:1] == b'"'
            kind = "WANDB_KEY" if b"wandb" in machine else "GENERIC_SECRET"
            yield from value_hit(
                data, match.start() + quoted, match.end() - quoted, "netrc", kind=kind
            )
            before = b""
            continue
        if before == b"machine":
            machine = word
        before = word
