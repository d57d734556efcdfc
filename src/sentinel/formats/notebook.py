"""Jupyter notebooks: their code, their lines of shell, and what outputs hold.

Cells of Python go on as one Python source, for they share their variables; lines that only IPython
understands (``!pip install``, ``%cd``, ``%%bash``) are told apart from Python first. Source:
nbformat 4.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..limits import MIB, Budget
from ..readers import MemoryReader
from . import Member, Parsed
from .config_json import is_python
from .surroundings import beside_model

_PYTHONS = ("", "python", "python3", "ipython")
_MOST = 64 * MIB
_MOST_VALUES = 4_000_000
_MOST_CELLS = 20_000
_MOST_LINES = 5_000
_SHELL_CELL = re.compile(r"\s*%%(?:bash|sh|script|system|sx|!)|\s*%%!")
_OTHER_CELL = re.compile(r"\s*%%(?!time|capture|prun|timeit)(\w+)")
_SHELL_LINE = re.compile(r"(\s*)(?:[\w, ]+=\s*)?(?:!!?|%(?:system|sx|sc)\s+)(.*)")
_MAGIC_LINE = re.compile(r"(\s*)(?:[\w, ]+=\s*)?(?:%|\?)\w*")
_TRAILING = re.compile(r"\?\??\s*\Z")
_SCRIPT = re.compile(r"<script\b|javascript:|\bon(?:error|load)\s*=|<iframe\b", re.IGNORECASE)


class ShellLine(NamedTuple):
    """A line that goes to a shell: its cell, from 1, and its text."""

    cell: int
    text: str


class ActiveOutput(NamedTuple):
    """An output that a browser would run: its cell, from 1, and its media type."""

    cell: int
    kind: str
    size: int


class Notebook(NamedTuple):
    """What a notebook holds beside Python.

    Attributes:
        language: Language of its kernel.
        shell: Lines for the shell.
        outputs: Outputs with scripts.
    """

    language: str
    shell: tuple[ShellLine, ...] = ()
    outputs: tuple[ActiveOutput, ...] = ()


def looks_like_notebook(artifact: Artifact, head: bytes) -> bool:
    """Return True for a notebook that the user named or that stands beside a model."""
    return head.lstrip()[:1] == b"{" and beside_model(artifact)


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a notebook.

    Returns:
        A ``Notebook``; its cells of Python, joined, as a member.

    Raises:
        ParseError: It is no notebook.
        LimitExceeded: It is longer than 64 MiB, or has more cells than are read.
    """
    if artifact.reader.size > _MOST:
        raise LimitExceeded(f"a notebook of more than {_MOST} bytes is not read")
    budget.check_time()
    data = artifact.reader.pread(0, _MOST)
    if data.count(b"{") + data.count(b"[") > _MOST_VALUES:
        raise LimitExceeded("the notebook holds more values than are read")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not a notebook ({type(error).__name__})") from error
    cells = _cells(document)
    language = _language(document)
    shell: list[ShellLine] = []
    sources: list[str] = []
    for number, cell in enumerate(cells, 1):
        if cell.get("cell_type") == "code":
            source = _text(cell.get("source") or cell.get("input"))
            python = _split(source, number, shell)
            if python.strip() and language in _PYTHONS and is_python(python):
                sources.append(f"# cell {number}\n{python}")
        if len(shell) > _MOST_LINES:
            raise LimitExceeded(f"a notebook with more than {_MOST_LINES} lines of shell")
    outputs = [one for number, cell in enumerate(cells, 1) for one in _outputs(number, cell)]
    model = Notebook(language, tuple(shell), tuple(outputs[:_MOST_LINES]))
    return Parsed(model, _joined(sources))


def _joined(sources: list[str]) -> tuple[Member, ...]:
    """Return the cells that Python can parse as one source: they share their variables."""
    if not sources:
        return ()
    content = "\n".join(sources).encode("utf-8", "replace")
    return (Member(0, "cells", partial(MemoryReader, content), ("model-source",)),)


def _cells(document: object) -> list[dict[str, object]]:
    if not isinstance(document, dict):
        raise ParseError("a notebook that is no JSON object")
    found = document.get("cells")
    if not isinstance(found, list):  # nbformat 3
        sheets = document.get("worksheets")
        sheets = sheets if isinstance(sheets, list) else []
        parts = [one.get("cells") for one in sheets if isinstance(one, dict)]
        found = [cell for part in parts if isinstance(part, list) for cell in part]
    if len(found) > _MOST_CELLS:
        raise LimitExceeded(f"a notebook of more than {_MOST_CELLS} cells")
    return [cell for cell in found if isinstance(cell, dict)]


def _language(document: dict[str, object]) -> str:
    metadata = document.get("metadata")
    for key in ("language_info", "kernelspec"):
        about = metadata.get(key) if isinstance(metadata, dict) else None
        if isinstance(about, dict):
            name = about.get("language" if key == "kernelspec" else "name")
            if isinstance(name, str):
                return name.lower()[:40]
    return ""


def _text(value: object) -> str:
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _split(source: str, cell: int, shell: list[ShellLine]) -> str:
    """Take the lines of shell out of a cell; blank lines keep the numbers of the others."""
    first = source.lstrip()
    if _SHELL_CELL.match(first):
        shell += [ShellLine(cell, line) for line in source.splitlines()[1:] if line.strip()]
        return ""
    if _OTHER_CELL.match(first):
        return ""
    lines: list[str] = []
    for line in source.split("\n"):
        if found := _SHELL_LINE.match(line):
            shell.append(ShellLine(cell, found[2]))
            lines.append(f"{found[1]}pass")
        elif found := _MAGIC_LINE.match(line):
            lines.append(f"{found[1]}pass")
        else:
            lines.append(_TRAILING.sub("", line) if line.rstrip().endswith("?") else line)
    return "\n".join(lines)


def _outputs(number: int, cell: dict[str, object]) -> Iterator[ActiveOutput]:
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        data = output.get("data") if isinstance(output, dict) else None
        for kind, value in data.items() if isinstance(data, dict) else ():
            text = _text(value)
            if kind == "application/javascript" or (
                kind in ("text/html", "image/svg+xml") and _SCRIPT.search(text)
            ):
                yield ActiveOutput(number, kind, len(text))
