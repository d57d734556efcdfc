"""Finds and reads settings files.

A file is looked for in the working directory and above it up to the root of the git repository,
never below: a model that brings its own ``sentinel.toml`` changes nothing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from ..errors import ReadError, SettingsError
from ..limits import MIB
from ..readers import open_file
from .schema import unknown

if TYPE_CHECKING:
    from .suppressions import Suppression

NAME = "sentinel.toml"
PROJECT = "pyproject.toml"


class SettingsFile(NamedTuple):
    """A settings file as read.

    Attributes:
        path: Where it is.
        table: What it holds.
    """

    path: str
    table: dict[str, object]


def git_root(directory: str) -> str:
    """Return the root of the git repository that holds ``directory``; empty without one."""
    path = os.path.abspath(directory)
    while True:
        if os.path.lexists(os.path.join(path, ".git")):
            return path
        parent = os.path.dirname(path)
        if parent == path:
            return ""
        path = parent


def discover(directory: str) -> SettingsFile | None:
    """Return the nearest settings file of ``directory`` or above it, up to the git root.

    Its path is given as seen from the working directory.

    Raises:
        SettingsError: The file cannot be read or is not valid TOML.
    """
    path = os.path.abspath(directory)
    top = git_root(path) or path
    while True:
        for name in (NAME, PROJECT):
            found = _read_if_there(os.path.relpath(os.path.join(path, name)))
            if found is not None:
                return found
        if path == top:
            return None
        path = os.path.dirname(path)


def read_settings(path: str) -> SettingsFile:
    """Read a settings file that the user named.

    Raises:
        SettingsError: It is missing, cannot be read, or is not valid TOML.
    """
    table = read_toml(path)
    if os.path.basename(path) != PROJECT:
        return SettingsFile(path, table)
    own = _own_table(path, table)
    if own is None:
        raise SettingsError(f"{path}: there is no [tool.sentinel] table")
    return SettingsFile(path, own)


def read_suppressions(path: str) -> tuple[Suppression, ...]:
    """Read a file of ``[[suppress]]`` tables. Raises SettingsError."""
    from .suppressions import parse_suppressions

    table = read_toml(path)
    for key in table:
        if key != "suppress":
            raise unknown(key, ("suppress",), path)
    return parse_suppressions(table.get("suppress", []), path)


def read_toml(path: str) -> dict[str, object]:
    """Return the content of a TOML file of at most 1 MiB. Raises SettingsError."""
    return _parse(path, _content(path))


def _read_if_there(path: str) -> SettingsFile | None:
    if not os.path.lexists(path):
        return None
    if os.path.basename(path) == NAME:
        return SettingsFile(path, read_toml(path))
    data = _content(path)
    if b"sentinel" not in data:  # saves reading TOML for a project that does not know us
        return None
    table = _own_table(path, _parse(path, data))
    return None if table is None else SettingsFile(path, table)


def _own_table(path: str, table: dict[str, object]) -> dict[str, object] | None:
    tools = table.get("tool")
    if not isinstance(tools, dict) or "sentinel" not in tools:
        return None
    own = tools["sentinel"]
    if not isinstance(own, dict):
        raise SettingsError(f"{path}: tool.sentinel is no table")
    return own


def _content(path: str) -> bytes:
    try:
        with open_file(path) as reader:
            if reader.size > MIB:
                raise SettingsError(f"{path}: larger than a settings file may be (1 MiB)")
            return reader.pread(0, reader.size)
    except ReadError as error:
        raise SettingsError(error.message, error.hint) from error


def _parse(path: str, data: bytes) -> dict[str, object]:
    import tomllib

    try:
        return tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error
