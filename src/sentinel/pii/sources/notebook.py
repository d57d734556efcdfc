"""Jupyter notebooks: the sources and outputs of the cells, without pictures."""

from __future__ import annotations

from collections.abc import Iterator

from ...artifacts import Artifact
from ...limits import MIB, Budget
from ..model import Piece, Text
from . import Sampling, json_text
from .json_scan import Value, is_whole, values
from .tables import Tables
from .text import whole

_WHOLE = 64 * MIB
_SKIPPED = ("image/", "audio/", "video/", "application/pdf", "application/octet-stream")
_DRAWN = "image/svg"

Steps = tuple[str | int, ...]


def read(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the cells of a notebook, lines counted within each source or output.

    A file that is no notebook, is broken or larger than 64 MiB is read as JSON.
    """
    if artifact.reader.size > min(_WHOLE, sampling.over):
        yield from json_text.read(artifact, budget, sampling)
        return
    data = whole(artifact, budget)
    if data is None or b'"cells"' not in data or not is_whole(data):
        yield from json_text.read(artifact, budget, sampling)
        return
    tables = Tables(artifact, both=True)
    for text in _cells(data):
        yield text
        yield from tables.feed(text)
    yield from tables.end()


def _cells(data: bytes) -> Iterator[Text]:
    """Yield the parts of a notebook's text in its order."""
    cell = _Cell("")
    for value in values(data, steps=True):
        steps = value.steps
        if steps[:1] == ("worksheets",):  # before version 4
            steps = steps[2:]
        inside = len(steps) > 2 and steps[0] == "cells"
        name = f"cell/{steps[1]}" if inside else ""
        if name != cell.name:
            yield from cell.texts()
            cell = _Cell(name)
        if inside:
            cell.add(steps[2:], value)
        elif steps:
            cell.append("metadata", f"{steps[-1]}: {value.text}\n")
    yield from cell.texts()


class _Cell:
    """What one cell holds, or what stands outside of cells."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.prose = False
        self._parts: dict[str, list[str]] = {}

    def add(self, steps: Steps, value: Value) -> None:
        """Take in a value.

        Args:
            steps: Keys and places below the cell.
            value: The value.
        """
        key = steps[0]
        if key == "cell_type":
            self.prose = value.text == "markdown"
        elif key in ("source", "input"):
            self.append("source", value.text)
        elif key == "outputs" and len(steps) > 2:
            self._output(f"output/{steps[1]}", steps[2:], value.text)
        elif key == "metadata":
            self.append("metadata", f"{steps[-1]}: {value.text}\n")

    def _output(self, part: str, steps: Steps, text: str) -> None:
        kind = steps[1] if steps[0] == "data" and len(steps) > 1 else steps[0]
        if isinstance(kind, str) and kind.startswith(_SKIPPED) and not kind.startswith(_DRAWN):
            return
        if steps[0] in ("output_type", "name", "png", "jpeg", "pdf"):
            return
        if steps[0] not in ("text", "data"):
            text += "\n"
        self.append(part, text)

    def append(self, part: str, text: str) -> None:
        """Add text to a part."""
        self._parts.setdefault(part, []).append(text)

    def texts(self) -> Iterator[Text]:
        """Yield what was gathered."""
        for part, texts in self._parts.items():
            path = f"{self.name}/{part}" if self.name else part
            data = "".join(texts).encode("utf-8", "replace")
            yield Text(data, path, prose=self.prose and part == "source")
