"""One requirement as pip reads it: a name with conditions (PEP 508), an address or a path."""

from __future__ import annotations

import re

from ...errors import ParseError
from . import version
from .address import read, redacted, scheme_of
from .model import Clause, Requirement, Source
from .paths import leads_out

_PLAIN = frozenset(("http", "https", "file", "ftp", "ssh"))
_VCS = re.compile(r"(?:git|hg|svn|bzr)(?:\+[a-z0-9.+-]+)?\Z")
_ARCHIVES = (
    ".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar", ".tar.lz",
    ".tar.lzma", ".tlz", ".egg",
)  # fmt: skip
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_RUN = r"[^\s\[\](){}<>=!~;,@/\\'\"#$:+*|&^%?`]+"
_HEAD = re.compile(rf"({_RUN})[ \t]*(?:\[([^\]]*)\])?[ \t]*")
_WHOLE_RUN = re.compile(_RUN)
_WHOLE_NAME = re.compile(_NAME, re.A)
_EXTRAS = re.compile(rf"[ \t]*(?:{_NAME}[ \t]*(?:,[ \t]*{_NAME}[ \t]*)*)?", re.A)
_CLAUSE = re.compile(
    rf"[ \t]*(?:(===)[ \t]*([^\s;),]+)"
    rf"|(==|!=)[ \t]*({version.PATTERN}(?:\.\*|{version.LOCAL}))"
    rf"|(~=)[ \t]*((?:\d+!)?v?\d+\.{version.PATTERN})"
    rf"|(<=|>=|<|>)[ \t]*({version.PATTERN}))(?![\w.*+!-])[ \t]*",
    re.I | re.A,
)
_MARKER = re.compile(
    r"[ \t]*(?:(?P<open>\()|(?P<close>\))|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<compare>===|==|~=|!=|<=|>=|<|>|not[ \t]+in\b|in\b)|(?P<join>and\b|or\b)"
    r"|(?P<name>(?:os_name|os\.name|sys_platform|sys\.platform|platform_(?:release|system|version"
    r"|machine|python_implementation)|platform\.(?:version|machine|python_implementation)"
    r"|python_(?:version|full_version|implementation)|implementation_(?:name|version)|extras?"
    r"|dependency_groups)\b))",
    re.A,
)
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z", re.I)
_FRAGMENT_HASH = re.compile(r"(?:\A|&)(?:sha256|sha384|sha512)=[0-9a-f]{64,128}(?:&|\Z)", re.I)
_EGG = re.compile(r"(?:\A|&)egg=([^&\[]*)(?:\[([^\]]*)\])?")
_DEEPEST = 100
_MOST_CLAUSES = 100


def is_address(text: str) -> bool:
    """Return True for what pip takes for an address rather than a name or a path."""
    scheme = text.partition(":")[0].lower() if ":" in text else ""
    return scheme in _PLAIN or bool(_VCS.match(scheme))


def read_line(text: str, *, editable: bool = False) -> Requirement:
    """Read a requirement without its options.

    Args:
        text: The requirement; comments and options are gone.
        editable: It was given to ``-e``.

    Returns:
        A requirement with neither line nor file. Its ``text`` holds no secrets.

    Raises:
        ParseError: pip would not understand it.
    """
    whole, mark = text.strip(), "; " if is_address(text.strip()) else ";"
    body, _, marker = whole.partition(mark)
    body, marker = body.strip(), marker.strip()
    if marker and not _is_marker(marker):
        raise ParseError("a marker that is none")
    shown = redacted(whole)
    found = _placed(body, editable=editable) or _named(body)
    return found._replace(marker=marker, editable=editable, text=shown)


def _placed(body: str, *, editable: bool) -> Requirement | None:
    """Return a requirement that is an address or a path; None for one by name."""
    if is_address(body):
        return from_address(body)
    bare, extras = _without_extras(body)
    path = bare.startswith(".") or "/" in bare.partition("@")[0] or "\\" in bare
    archive = bare.lower().endswith(_ARCHIVES) and "@" not in bare
    if not path and not archive and not (editable and "@" not in bare):
        return None
    name = _of_file(bare) if archive or bare.lower().endswith(_ARCHIVES) else ""
    source = Source("path", redacted(bare), outside=leads_out(bare))
    return Requirement(name, extras, source=source)


def _without_extras(body: str) -> tuple[str, tuple[str, ...]]:
    found = re.fullmatch(r"(.+)\[([^\[\]]*)\]", body)
    return (found[1], _split(found[2])) if found else (body, ())


def from_address(text: str, name: str = "", extras: tuple[str, ...] = ()) -> Requirement:
    """Return the requirement that an address is.

    Args:
        text: The address; its fragment may name the package.
        name: The name, where it is given beside the address.
        extras: The extras given beside it.

    Raises:
        ParseError: It is no address.
    """
    place = read(text)
    before, _, fragment = text.partition("#")
    egg = _EGG.search(fragment)
    if egg and not name and _WHOLE_RUN.fullmatch(egg[1]):
        name, extras = egg[1], _split(egg[2] or "")
    vcs = place.scheme.partition("+")[0] in ("git", "hg", "svn", "bzr")
    if place.scheme == "file" or place.scheme.endswith("+file"):
        path = re.sub(r"\A[\w+.-]+:(?://)?(?:localhost(?=/))?", "", before)
        source = Source(
            "path", place.text, place.scheme, outside=leads_out(path), secret=place.secret
        )
        return Requirement(name or _of_file(before), extras, source=source)
    if not place.scheme:
        raise ParseError("an address without a scheme")
    if vcs or place.scheme == "ssh":
        revision = _revision(place.path)
        fixed = bool(_COMMIT.match(revision)) and place.scheme.startswith(("git", "hg"))
        source = Source("vcs", place.text, place.scheme, place.host, revision, fixed, place.secret)
        return Requirement(name, extras, source=source)
    hashed = bool(_FRAGMENT_HASH.search(fragment))
    source = Source("url", place.text, place.scheme, place.host, "", hashed, place.secret)
    return Requirement(name or _of_file(before), extras, source=source)


def _revision(path: str) -> str:
    path = re.split(r"[?#]", path, maxsplit=1)[0]
    return redacted(path.rpartition("@")[2]) if "@" in path else ""


def _of_file(path: str) -> str:
    """Return the package that a file of a distribution is of, as its name says."""
    leaf = re.split(r"[\\/]", re.split(r"[?#]", path, maxsplit=1)[0])[-1]
    if leaf.lower().endswith(".whl"):
        found = re.match(rf"({_RUN}?)-", leaf)
        return found[1] if found else ""
    found = re.match(rf"({_NAME}?)-\d", leaf, re.A)
    return found[1] if found else ""


def _split(extras: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in extras.split(",") if part.strip())


def _named(body: str) -> Requirement:
    found = _HEAD.match(body)
    if found is None:
        raise ParseError("not a requirement")
    name, extras = found[1], found[2] or ""
    if name.isascii() and not _WHOLE_NAME.fullmatch(name):
        raise ParseError("a name that is none")
    if not _EXTRAS.fullmatch(extras):
        raise ParseError("extras that are none")
    rest = body[found.end() :]
    if rest.startswith("@"):
        address = rest[1:].strip()
        if not address or re.search(r"\s", address):
            raise ParseError("an address that is none")
        if not scheme_of(address):
            outside = leads_out(address)
            source = Source("path", redacted(address), outside=outside)
            return Requirement(name, _split(extras), source=source)
        return from_address(address, name, _split(extras))
    return Requirement(name, _split(extras), clauses_of(rest))


def clauses_of(text: str) -> tuple[Clause, ...]:
    """Return the conditions on a version, with or without brackets round them.

    Raises:
        ParseError: They are none.
    """
    text = text.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    found: list[Clause] = []
    at = 0
    while at < len(text):
        match = _CLAUSE.match(text, at)
        if match is None or len(found) >= _MOST_CLAUSES:
            raise ParseError("conditions on the version that are none")
        operator, wanted = [group for group in match.groups() if group is not None][:2]
        found.append(Clause(operator, wanted))
        at = match.end()
        if at < len(text):
            if text[at] != ",":
                raise ParseError("conditions on the version that are none")
            at += 1
    return tuple(found)


def _is_marker(text: str) -> bool:
    """Return True for the grammar of PEP 508, read without recursion."""
    at, depth, state = 0, 0, "left"
    text = text.rstrip()
    while at < len(text):
        found = _MARKER.match(text, at)
        if found is None:
            return False
        at, kind = found.end(), found.lastgroup
        if kind in ("text", "name") and state in ("left", "right"):
            state = "compare" if state == "left" else "after"
        elif kind == "compare" and state == "compare":
            state = "right"
        elif kind == "open" and state == "left" and depth < _DEEPEST:
            depth += 1
        elif kind == "close" and state == "after" and depth:
            depth -= 1
        elif kind == "join" and state == "after":
            state = "left"
        else:
            return False
    return state == "after" and not depth
