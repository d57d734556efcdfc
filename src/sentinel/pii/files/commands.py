"""Histories of shells and of database clients: secrets that were typed as arguments."""

from __future__ import annotations

from collections.abc import Iterator

from .model import FileHit, by_pattern
from .records import sql_hashes
from .settings import settings

_VALUE = rb"[\"']?(?P<value>[^\s\"'|;&<>$`]{3,200})"
_PATTERNS = (
    rb"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\r\n|;]{0,200}?[ \t]-p" + _VALUE,
    rb"\bsshpass[ \t]{1,4}-p[ \t]{0,4}" + _VALUE,
    rb"\b(?:docker|podman|helm|az|oc)\b[^\r\n|;]{0,100}?\blogin\b[^\r\n|;]{0,200}?[ \t]-p[ \t]{1,4}"
    + _VALUE,
    rb"\b(?:curl|wget|http|xh)\b[^\r\n|;]{0,200}?[ \t](?:-u|--user|-a)[ =]{0,2}[\"']?"
    rb"[^\s:\"']{1,64}:(?P<value>[^\s\"'|;&<>$`]{3,200})",
    rb"[ \t]--?(?:password|passwd|pass|token|secret|api-?key|access-token|auth-token|client-secret)"
    rb"[ =]{1,2}" + _VALUE,
    rb"\b(?:PGPASSWORD|MYSQL_PWD|RESTIC_PASSWORD|SSHPASS|REDISCLI_AUTH|\w{0,60}_(?:TOKEN|SECRET"
    rb"|PASSWORD|API_KEY|PASS|ACCESS_KEY))=" + _VALUE,
    rb"\bwandb[ \t]{1,4}login[ \t]{1,4}(?:--relogin[ \t]{1,4})?(?P<value>[\w-]{20,120})",
    rb"\bredis-cli\b[^\r\n|;]{0,100}?[ \t]-a[ \t]{1,4}" + _VALUE,
)
_SQL = (
    rb"\bidentified(?:[ \t\\]|\\040){1,8}(?:with[ \t\\\w']{1,60}?)?by(?:[ \t\\]|\\040){1,8}"
    rb"(?:password(?:[ \t]|\\040){1,4})?'(?P<value>[^'\r\n]{1,200})'",
    rb"\bpassword(?:[ \t\\(=]|\\040){1,8}'(?P<value>[^'\r\n]{1,200})'",
)
_shell = tuple(by_pattern(pattern, "history") for pattern in _PATTERNS)
_sql = tuple(by_pattern(pattern, "history") for pattern in _SQL)
_exports = settings("history")


def history(data: bytes) -> Iterator[FileHit]:
    """Yield secrets of a shell's or a database client's history."""
    for parse in (*_shell, *_sql, _exports):
        yield from parse(data)


def sql(data: bytes) -> Iterator[FileHit]:
    """Yield passwords that statements of SQL set, and hashes of passwords in a dump."""
    for parse in (*_sql, sql_hashes):
        yield from parse(data)
