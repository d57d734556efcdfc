"""Electronic mail addresses."""

from __future__ import annotations

import os
import re
from functools import cache

_DATA = os.path.join(
    os.path.dirname(os.path.dirname(os.path.dirname(__file__))), "data", "pii", "tlds.txt"
)
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+\Z")
# RFC 2606 and RFC 6761, and names under which templates are filled in.
_RESERVED_TEXT = """
example test invalid localhost local internal lan corp home
"""
_RESERVED = frozenset(_RESERVED_TEXT.split())
_PLACEHOLDERS_TEXT = """
example your-domain yourdomain mydomain my-domain yourcompany your-company mycompany yourorg
yourorganization yoursite mysite yourwebsite yourhost somedomain example-company somewhere sample
sampledomain testdomain contoso fabrikam
"""
_PLACEHOLDERS = frozenset(_PLACEHOLDERS_TEXT.split())
_HIDDEN = frozenset(("users.noreply.github.com", "noreply.github.com", "noreply.gitlab.com"))
_TOOLS = frozenset(("git", "hg", "svn", "gitea", "gerrit"))


@cache
def top_level_domains() -> frozenset[str]:
    """Return the top-level domains of the root zone, lower case (IANA)."""
    with open(_DATA, encoding="ascii") as file:
        return frozenset(line.strip() for line in file if line[0] != "#")


def email(text: str) -> bool:
    """Whether it is a mail address under a domain of the root zone, and nobody's placeholder."""
    local, _, domain = text.rpartition("@")
    local = local.rpartition("..")[2].lstrip("._%+-") or local
    if not 1 <= len(local) <= 64 or len(domain) > 253:
        return False
    domain = domain.lower()
    if _LOCAL.match(local) is None or _DOMAIN.match(domain) is None:
        return False
    labels = domain.split(".")
    if local.lower() in _TOOLS or _is_placeholder(labels, domain):
        return False
    if len(local) == 1 and len(labels[-2]) == 1:  # a product of matrices: a@b.to
        return False
    return labels[-1] in top_level_domains()


def _is_placeholder(labels: list[str], domain: str) -> bool:
    if domain in _HIDDEN or labels[-1] in _RESERVED:
        return True
    return not _PLACEHOLDERS.isdisjoint(labels[-3:-1])
