"""Addresses of packages and indexes, taken apart without ever keeping what logs in there."""

from __future__ import annotations

import re
from typing import NamedTuple

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):")
_USERS = frozenset(("git", "ssh", "hg", "svn", "user", "username", "oauth2", "token", "__token__"))
_VARIABLE = re.compile(r"(?:\$\{?\w+\}?|<[\w -]*>|\{\{?[\w. ]+\}?\}|%\w+%)(?::(?=[$<{%]))?")
_QUERY = re.compile(
    r"(?i)([?&#;](?:[\w.-]*(?:token|signature|secret|password|passwd|credential|auth|api[_-]?key)"
    r"|sig|key|x-amz-[\w-]+)=)[^&#;\s'\"]+"
)
_BARE = re.compile(r"(?<![\w+.${}-])([^\s/:@'\"=]{1,200}:[^\s/@'\"]{1,400})@(?=[\w.-])")
_LOGIN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}:/{2,})([^\s/?#'\"]*)([^\s'\"]*)")
_TOKEN = 20
HIDDEN = "…"


class Address(NamedTuple):
    """An address.

    Attributes:
        text: The address without user, password and tokens.
        scheme: Lower case; empty when there is none.
        host: Lower case, without port.
        path: What follows the host, with query and fragment.
        secret: True when it held a password or a token.
    """

    text: str
    scheme: str
    host: str
    path: str
    secret: bool


def scheme_of(text: str) -> str:
    """Return the lower-case scheme of an address, or an empty text."""
    found = _SCHEME.match(text)
    return found[1].lower() if found else ""


def read(text: str) -> Address:
    """Take an address apart.

    Args:
        text: The address as it is written.
    """
    scheme = scheme_of(text)
    rest = text[len(scheme) + 1 :] if scheme else text
    if not scheme or not rest.startswith("//"):
        shown = redacted(text)
        return Address(shown, scheme, "", redacted(rest), shown != text)
    authority, path = _parted(rest.lstrip("/"))
    user, _, place = authority.rpartition("@")
    host = place.partition("]")[0].strip("[") if place.startswith("[") else place.split(":")[0]
    shown = redacted(text)
    return Address(shown, scheme, host.lower(), path, _tells(user) or _queries(text))


def redacted(text: str) -> str:
    """Return text without the users, passwords and tokens of the addresses in it.

    Args:
        text: Any text; as it is printed, it must come through here.
    """
    text = _LOGIN.sub(_without_login, text)
    text = _QUERY.sub(rf"\1{HIDDEN}", text)
    return _BARE.sub(_without_bare, text) if "@" in text else text


def _without_bare(found: re.Match[str]) -> str:
    return found[0] if _is_variable(found[1]) else f"{HIDDEN}@"


def _parted(rest: str) -> tuple[str, str]:
    """Return authority and path; a password may hold a slash, though it should not."""
    found = re.search(r"[/?#]", rest)
    cut = found.start() if found else len(rest)
    authority = rest[:cut]
    odd = ":" in authority and "@" not in authority and not authority.startswith("[")
    if odd and not authority.rpartition(":")[2].isdigit():
        at = rest.rfind("@")
        found = re.search(r"[/?#]", rest[at:]) if at > 0 else None
        if at > 0:
            cut = at + found.start() if found else len(rest)
            authority = rest[:cut]
    return authority, rest[cut:]


def _without_login(found: re.Match[str]) -> str:
    authority, path = _parted(found[2] + found[3])
    user, at, place = authority.rpartition("@")
    if not at:
        return found[1] + _without_port(authority) + path
    if user.lower() in _USERS or _is_variable(user):
        return found[1] + user + at + place + path
    return f"{found[1]}{HIDDEN}@{place}{path}"


def _without_port(authority: str) -> str:
    host, colon, port = authority.rpartition(":")
    if colon and port and not port.isdigit() and not authority.startswith("["):
        return authority if _is_variable(port) else f"{host}:{HIDDEN}"
    return authority


def _tells(user: str) -> bool:
    """Return True for a user part that logs in all by itself."""
    name, colon, password = user.partition(":")
    if _is_variable(user):
        return False
    if colon and password:
        return not _is_variable(password)
    return len(name) >= _TOKEN


def _queries(text: str) -> bool:
    return any(not _is_variable(found[0][len(found[1]) :]) for found in _QUERY.finditer(text))


def _is_variable(text: str) -> bool:
    """Return True for a name of the environment's, or a place that is to be filled in."""
    return bool(_VARIABLE.sub("", text) in ("", ":") and text)
