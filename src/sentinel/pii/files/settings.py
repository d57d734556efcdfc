"""Files of settings: one name and value a line, as shells, INI, YAML, TOML and PHP write them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .model import FileHit, Parser, is_secret_name, value_hit

_LINE = re.compile(
    rb"^[ \t]{0,40}(?:export[ \t]+|declare -x[ \t]+|set[ \t]+|setenv[ \t]+|env[ \t]+|-[ \t]+|\$"
    rb"|let |const |var |//)?"
    rb"[\"']?(?P<name>[\w.:/@-]{1,80})[\"']?[ \t]{0,40}(?P<sign>=>|:=|=|:|[ \t])[ \t]{0,40}"
    rb"(?P<quote>[\"'`]?)(?P<value>[^\r\n]{1,4096})",
    re.MULTILINE | re.IGNORECASE,
)
_COMMENT = re.compile(rb"[ \t]+[#;]|[ \t]+//|^#[ \t]")
_BLOCKS = (b"|", b">", b"|-", b">-", b"|+", b">+")


def settings(rule: str, *, quoted: bool = False, spaced: bool = False) -> Parser:
    """Return a parser of lines that assign values to names.

    Args:
        rule: Name of the reader.
        quoted: Only values in quotes count, for an unquoted one is an expression.
        spaced: A space may stand between name and value.
    """

    def parse(data: bytes) -> Iterator[FileHit]:
        for match in _LINE.finditer(data):
            if match["sign"].isspace() and not (spaced or match["name"].endswith(b":")):
                continue
            if quoted and not match["quote"]:
                continue
            name = match["name"].decode("ascii", "replace").rstrip(":")
            if is_secret_name(name):
                start, end = _cut(match)
                if data[start:end] not in _BLOCKS:
                    yield from value_hit(data, start, end, rule, name)

    return parse


def _cut(match: re.Match[bytes]) -> tuple[int, int]:
    """Return the offsets of the value without its quotes, comment and closing sign."""
    value, start = match["value"], match.start("value")
    if quote := match["quote"]:
        end = value.find(quote)
        return start, start + (end if end >= 0 else len(value.rstrip()))
    comment = _COMMENT.search(value)
    value = value[: comment.start()] if comment else value
    return start, start + len(value.rstrip(b" \t,;"))


_DEFINE = re.compile(
    rb"define\([ \t]{0,8}[\"'](?P<name>\w{1,60})[\"'][ \t]{0,8},[ \t]{0,16}"
    rb"(?P<quote>[\"'])(?P<value>[^\r\n]{1,400})"
)


def defines(data: bytes) -> Iterator[FileHit]:
    """Yield secrets of PHP's ``define('DB_PASSWORD', '...')``, as WordPress has them."""
    for match in _DEFINE.finditer(data):
        name = match["name"].decode("ascii", "replace")
        if is_secret_name(name):
            yield from value_hit(data, *_cut(match), "define", name)


def php(data: bytes) -> Iterator[FileHit]:
    """Yield secrets of PHP settings: definitions, variables, array items."""
    yield from defines(data)
    yield from settings("php", quoted=True)(data)
