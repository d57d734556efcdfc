"""Conda's and MLflow's environments in YAML, with the list for pip within.

Only the words of the YAML are read (see ``yaml_tokens``); what is behind an alias, a merged key or
a text that is no YAML becomes a gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...errors import ParseError
from ..yaml_tokens import STANDARD, Token, decoded, tokens
from .address import redacted
from .line import from_address, is_address
from .model import Clause, Requirement
from .reader import Gatherer
from .text import lines

_SPEC = re.compile(
    r"(?:(?P<channel>[^\s:\[\]]+?)::?)?(?P<name>[^\s:=<>!~\[\]/@]+)[ \t]*"
    r"(?P<rest>(?:[=<>!~ ][\w.*!+=<>~|, -]*)?)(?P<bracket>\[[^\]]*\])?\Z",
    re.S,
)
_CLAUSE = re.compile(r"[ \t]*(==|!=|<=|>=|~=|<|>|=)?[ \t]*([\w.*!+-]+)[ \t]*")
_QUOTED = re.compile(r"version\s*=\s*['\"]?([^'\",\]]+)")
_DEEPEST = 16
_TEXT = f"{STANDARD}str"
_VARIABLES = {
    "PIP_INDEX_URL": "index", "PIP_EXTRA_INDEX_URL": "extra-index", "PIP_PRE": "pre",
    "PIP_FIND_LINKS": "find-links", "PIP_TRUSTED_HOST": "trusted-host",
    "UV_INDEX_URL": "index", "UV_DEFAULT_INDEX": "index", "UV_EXTRA_INDEX_URL": "extra-index",
    "UV_INDEX": "extra-index", "UV_FIND_LINKS": "find-links",
    "UV_INSECURE_HOST": "trusted-host",
}  # fmt: skip
_CHANNELS = ("channels", "default_channels", "custom_channels", "channel_alias")


class Entry(NamedTuple):
    """A scalar and the keys above it."""

    path: tuple[str, ...]
    text: str
    line: int


def read_conda(gatherer: Gatherer, data: bytes) -> None:
    """Read ``conda.yaml`` or ``environment.yml``.

    Args:
        gatherer: Keeps what is found.
        data: The file.
    """
    for entry in _entries(gatherer, data):
        if entry.path[:1] == ("dependencies",):
            if len(entry.path) == 1:
                _conda_line(gatherer, entry)
            elif entry.path[1] == "pip":
                add_lines(gatherer, entry.text, entry.line)
            else:
                kind = redacted(entry.path[1])[:50]
                gatherer.gap(f"line {entry.line}: {kind!r} is no kind of dependency")
        elif entry.path[:1] == ("variables",):
            variable = _VARIABLES.get(entry.path[-1].upper())
            if variable:
                gatherer.option(variable, entry.text, entry.line)
        elif entry.path and entry.path[0] in _CHANNELS:
            gatherer.option("channel", entry.text, entry.line)


def read_python_env(gatherer: Gatherer, data: bytes) -> None:
    """Read MLflow's ``python_env.yaml``.

    Args:
        gatherer: Keeps what is found.
        data: The file.
    """
    for entry in _entries(gatherer, data):
        if entry.path[:1] == ("build_dependencies",):
            add_lines(gatherer, entry.text, entry.line, "build")
        elif entry.path[:1] == ("dependencies",):
            add_lines(gatherer, entry.text, entry.line)


def add_lines(gatherer: Gatherer, text: str, line: int | None, section: str = "pip") -> None:
    """Take a text that is written to a requirements file, and may hold several lines of it."""
    for _, part in lines(text):
        gatherer.add_line(part, line, section)


class _Key(NamedTuple):
    """A key that is open: outside of brackets its column counts, within them their number."""

    name: str
    column: int
    depth: int
    line: int


def _entries(gatherer: Gatherer, data: bytes) -> Iterator[Entry]:
    """Yield scalars with the keys above them."""
    path: list[_Key] = []
    anchors: dict[str, str] = {}
    anchor, last = "", ""
    for token in tokens(decoded(data)):
        if token.kind == "document":
            path.clear()
        elif token.kind == "stuck":
            gatherer.gap(f"line {token.line}: this is no YAML from here on")
        elif token.kind == "anchor":
            anchor = token.text
            continue
        elif token.kind == "key":
            _leave(path, token)
            path.append(_Key(token.text, token.column, token.depth, token.line))
            if len(path) > _DEEPEST:
                gatherer.gap(f"line {token.line}: keys below more than {_DEEPEST} others")
                return
            if token.text == "<<":
                gatherer.gap(f"line {token.line}: keys merged from elsewhere are not followed")
        elif token.kind == "tag":
            if token.text != _TEXT:
                gatherer.gap(f"line {token.line}: what a tag makes of a text is not known")
            continue
        elif token.kind in ("scalar", "alias"):
            if last != "key" or path[-1].line != token.line:
                _leave(path, token)
            text = _text_of(token, anchors)
            if text is None:
                gatherer.gap(f"line {token.line}: what *{token.text[:50]} stands for is not known")
            else:
                if anchor:
                    anchors[anchor] = text
                if not path:  # below "? key", which is no key here
                    gatherer.gap(f"line {token.line}: a text that belongs to no key")
                yield Entry(tuple(key.name for key in path), text, token.line)
        anchor, last = "", token.kind


def _leave(path: list[_Key], token: Token) -> None:
    """Forget the keys that a word cannot stand below."""
    if token.depth:
        while path and path[-1].depth >= token.depth:
            path.pop()
    else:
        while path and (path[-1].depth or path[-1].column >= token.column):
            path.pop()


def _text_of(token: Token, anchors: dict[str, str]) -> str | None:
    return token.text if token.kind == "scalar" else anchors.get(token.text)


def _conda_line(gatherer: Gatherer, entry: Entry) -> None:
    try:
        found, channel = read_spec(entry.text)
    except ParseError as error:
        gatherer.gap(f"line {entry.line} is not understood: {error.message}")
        return
    gatherer.keep(found._replace(line=entry.line))
    if channel:
        gatherer.option("channel", channel, entry.line)


def read_spec(text: str) -> tuple[Requirement, str]:
    """Return what conda is asked for, and the channel it is to come from.

    Args:
        text: A match specification (``conda-forge::numpy>=1.2=py311_0``), or an address.

    Raises:
        ParseError: It is none.
    """
    text = text.split(" #")[0].strip()
    if is_address(text):
        return from_address(text)._replace(section="conda", text=redacted(text)), ""
    found = _SPEC.match(text)
    if found is None or not found["name"]:
        raise ParseError("not a package of conda")
    rest = found["rest"].strip()
    if found["bracket"]:
        version = _QUOTED.search(found["bracket"])
        rest = rest or (version[1] if version else "")
    clauses = tuple(_clauses(rest))
    requirement = Requirement(
        found["name"], clauses=clauses, section="conda", text=redacted(text)[:300]
    )
    return requirement, (found["channel"] or "").split("/")[0] if found["channel"] else ""


def _clauses(rest: str) -> Iterator[Clause]:
    # The third part of name=version=build is the build, which is no condition on the version.
    for part in re.split(r"[,|]", rest)[:100]:
        found = _CLAUSE.match(part)
        if found:
            yield Clause(found[1] or "=", found[2])
