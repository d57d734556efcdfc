"""What ``pyproject.toml``, ``setup.cfg`` and ``setup.py`` ask for.

TOML and the configuration are read by the standard library, ``setup.py`` by its syntax tree alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from ...errors import LimitExceeded, ParseError
from ..python_source import tree_of
from .address import redacted
from .line import from_address, read_line
from .model import Clause, Requirement, Source
from .paths import leads_out
from .reader import Gatherer

_MOST = 512 * 1024
_KEYS = {
    "install_requires": "pip", "requires": "pip", "setup_requires": "build",
    "tests_require": "extra", "extras_require": "extra", "dependency_links": "links",
}  # fmt: skip
_INDEXES = {
    "index-url": "index", "index_url": "index", "extra-index-url": "extra-index",
    "extra_index_url": "extra-index", "find-links": "find-links", "find_links": "find-links",
    "allow-insecure-host": "trusted-host",
}  # fmt: skip
_MOST_TABLES = 2_000
_MOST_MISSED = 500


class _Lines:
    """Finds the line of a text in a file whose parser tells none.

    Each text that is written with escapes costs a search of the whole file, so after some of them
    no more lines are told.
    """

    def __init__(self, data: bytes) -> None:
        self._text = data.decode("utf-8", "replace")
        self._missed = 0

    def of(self, text: str) -> int | None:
        at = self._text.find(text) if text and self._missed < _MOST_MISSED else -1
        self._missed += at < 0
        return self._text.count("\n", 0, at) + 1 if at >= 0 else None


def read_pyproject(gatherer: Gatherer, data: bytes) -> None:
    """Read ``pyproject.toml``: the standard tables, and those of Poetry, uv and PDM.

    Raises:
        ParseError: It is not TOML.
        LimitExceeded: It is longer than 512 KiB.
    """
    import tomllib

    if len(data) > _MOST:
        raise LimitExceeded(f"a project file of more than {_MOST} bytes is not read")
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not TOML ({type(error).__name__})") from error
    where = _Lines(data)
    project, build = _table(document.get("project")), _table(document.get("build-system"))
    _texts(gatherer, where, build.get("requires"), "build")
    _texts(gatherer, where, project.get("dependencies"), "pip")
    groups = (project.get("optional-dependencies"), document.get("dependency-groups"))
    for group in (one for table in groups for one in _table(table).values()):
        _texts(gatherer, where, group, "extra")
    tools = _table(document.get("tool"))
    dynamic = _table(_table(tools.get("setuptools")).get("dynamic"))
    optional = _table(dynamic.get("optional-dependencies"))
    for table in (dynamic.get("dependencies"), *optional.values()):
        files = _table(table).get("file")
        for name in files if isinstance(files, list) else [files]:
            if isinstance(name, str):
                gatherer.include("-r", name, where.of(name))
    _poetry(gatherer, where, _table(tools.get("poetry")))
    _uv(gatherer, where, _table(tools.get("uv")))
    _uv(gatherer, where, _table(_table(tools.get("uv")).get("pip")))
    for source in _list(_table(tools.get("pdm")).get("source")):
        _index(gatherer, where, "extra-index", _table(source).get("url"))


def read_setup_cfg(gatherer: Gatherer, data: bytes) -> None:
    """Read ``setup.cfg`` of setuptools.

    Raises:
        ParseError: It is not of the kind.
        LimitExceeded: It is longer than 512 KiB.
    """
    import configparser

    if len(data) > _MOST:
        raise LimitExceeded(f"a project file of more than {_MOST} bytes is not read")
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(data.decode("utf-8", "replace"))
    except (configparser.Error, ValueError) as error:
        raise ParseError(f"not a configuration ({type(error).__name__})") from error
    where = _Lines(data)
    for section in parser.sections():
        for key, value in parser.items(section):
            kind = "extra" if section == "options.extras_require" else ""
            if section == "options":
                kind = _KEYS.get(key.replace("-", "_"), "")
            if section == "easy_install" and key.replace("-", "_") in _INDEXES:
                _index(gatherer, where, _INDEXES[key.replace("-", "_")], value)
            elif kind and value.startswith("file:"):
                for name in value.removeprefix("file:").split(","):
                    gatherer.include("-r", name.strip(), where.of(name.strip()))
            elif kind:
                for line in _split(value):
                    _one(gatherer, where, line, kind)


def read_setup_py(gatherer: Gatherer, data: bytes) -> None:
    """Read the lists that ``setup.py`` gives to ``setup()``, where it spells them out.

    Raises:
        ParseError: It is not Python.
        LimitExceeded: It is longer than is read.
    """
    if len(data) > _MOST:
        raise LimitExceeded(f"a project file of more than {_MOST} bytes is not read")
    tree = tree_of(data)
    named = {target.id: node.value for node in tree.body if isinstance(node, ast.Assign)
             for target in node.targets if isinstance(target, ast.Name)}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_setup(node.func):
            for word in node.keywords:
                kind = _KEYS.get(word.arg or "")
                if kind:
                    for text, line in _constants(word.value, named):
                        _one(gatherer, None, text, kind, line)


def _is_setup(node: ast.expr) -> bool:
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
    return name == "setup"


def _constants(node: ast.expr, named: dict[str, ast.expr]) -> Iterator[tuple[str, int]]:
    """Yield the texts of lists, tables and sums of them."""
    pending, seen = [node], 0
    while pending and seen < _MOST_TABLES:
        one = pending.pop(0)
        seen += 1
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            for line in _split(one.value):
                yield line, one.lineno
        elif isinstance(one, ast.List | ast.Tuple | ast.Set):
            pending += one.elts
        elif isinstance(one, ast.Dict):
            pending += one.values
        elif isinstance(one, ast.BinOp) and isinstance(one.op, ast.Add):
            pending += [one.left, one.right]
        elif isinstance(one, ast.Name) and one.id in named:
            pending.append(named.pop(one.id))


def _split(text: str) -> Iterator[str]:
    for line in text.splitlines():
        line = line.strip()
        if line and not line.startswith("#"):
            yield line


def _one(
    gatherer: Gatherer, where: _Lines | None, text: str, section: str, line: int | None = None
) -> None:
    line = where.of(text) if where is not None else line
    if section == "links":
        gatherer.option("find-links", text, line)
        return
    try:
        gatherer.keep(read_line(text)._replace(section=section, line=line))
    except ParseError as error:
        gatherer.gap(f"line {line or '?'} is not understood: {error.message}")


def _texts(gatherer: Gatherer, where: _Lines, value: object, section: str) -> None:
    for text in _list(value):
        if isinstance(text, str):
            _one(gatherer, where, text, section)


def _index(gatherer: Gatherer, where: _Lines, kind: str, value: object) -> None:
    for text in _list(value) if isinstance(value, list) else [value]:
        if isinstance(text, str) and text.strip():
            gatherer.option(kind, text.strip(), where.of(text))


def _poetry(gatherer: Gatherer, where: _Lines, poetry: dict[str, Any]) -> None:
    tables = [(poetry.get("dependencies"), "pip"), (poetry.get("dev-dependencies"), "extra")]
    for group in _table(poetry.get("group")).values():
        tables.append((_table(group).get("dependencies"), "extra"))
    for table, section in tables:
        for name, value in _table(table).items():
            if name != "python":
                for one in value if isinstance(value, list) else [value]:
                    _entry(gatherer, where, name, one, section)
    for source in _list(poetry.get("source")):
        _index(gatherer, where, "extra-index", _table(source).get("url"))


def _uv(gatherer: Gatherer, where: _Lines, uv: dict[str, Any]) -> None:
    for key, kind in _INDEXES.items():
        _index(gatherer, where, kind, uv.get(key))
    for index in _list(uv.get("index")):
        kind = "index" if _table(index).get("default") is True else "extra-index"
        _index(gatherer, where, kind, _table(index).get("url"))
    for name, source in _table(uv.get("sources")).items():
        for one in source if isinstance(source, list) else [source]:
            if {"git", "url", "path"} & set(_table(one)):
                _entry(gatherer, where, name, one, "pip")


def _entry(gatherer: Gatherer, where: _Lines, name: str, value: object, section: str) -> None:
    """Keep one entry of Poetry or uv: a version, or a table that says where it comes from."""
    line = where.of(name)
    try:
        found = _of_table(name, _table(value)) if isinstance(value, dict) else None
    except ParseError as error:
        gatherer.gap(f"line {line or '?'} is not understood: {error.message}")
        return
    if found is None:
        version = value if isinstance(value, str) else str(_table(value).get("version", "*"))
        shown = redacted(f"{name} {version}")[:300]
        found = Requirement(name, clauses=tuple(_conditions(version)), text=shown)
    gatherer.keep(found._replace(section=section, line=line))


def _of_table(name: str, table: dict[str, Any]) -> Requirement | None:
    git, url, path = (str(table[key]) if key in table else "" for key in ("git", "url", "path"))
    revision = str(table.get("rev") or table.get("tag") or table.get("branch") or "")
    if git:
        address = git if git.startswith("git+") or "://" not in git else f"git+{git}"
        found = from_address(address if "://" in address else f"git+ssh://{address}", name)
        source = found.source
        if source is not None and revision:
            fixed = len(revision) == 40 and all(letter in "0123456789abcdef" for letter in revision)
            found = found._replace(source=source._replace(revision=revision[:200], fixed=fixed))
        return found._replace(text=redacted(f"{name} = {git} {revision}")[:300])
    if url:
        return from_address(url, name)._replace(text=redacted(f"{name} @ {url}")[:300])
    if path:
        source = Source("path", redacted(path), outside=leads_out(path))
        return Requirement(name, source=source, text=redacted(f"{name} @ {path}")[:300])
    return None


def _conditions(text: str) -> Iterator[Clause]:
    for part in text.split(",")[:100]:
        part = part.strip()
        operator = next((one for one in ("===", "==", "!=", "<=", ">=", "~=", "^", "~", "<", ">")
                         if part.startswith(one)), "")  # fmt: skip
        version = part[len(operator) :].strip()
        if version and version != "*":
            yield Clause(operator or "==", version)


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
