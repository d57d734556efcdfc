"""Vocabularies of tokenizers: only pieces long enough to be something somebody wrote.

Short pieces are fragments, and a number behind one is its place. A whole address or key that became
one piece is a real finding, so the pieces of twelve characters and more are told, one a line.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator

from ...artifacts import Artifact
from ...limits import MIB, Budget
from ..model import Piece, Text
from . import Sampling, json_text, text
from .json_scan import is_whole, values

SHORTEST = 12
"""Characters of the shortest piece that is told."""

_WHOLE = 64 * MIB
_MOST_LINES = 100_000
_LEAST_PIECES = 1000
_MARKED = str.maketrans("Ġ▁Ċĉ", "    ")
_PIECES = ("vocab", "merges")


def pieces(words: Iterable[str], path: str) -> Iterator[Text]:
    """Yield the long ones of some pieces, one a line.

    Args:
        words: The pieces, with the marks of spaces that tokenizers put in them.
        path: See ``Place.path``.
    """
    found: list[str] = []
    for word in words:
        if len(word) >= SHORTEST:
            plain = word.removeprefix("##").removesuffix("</w>").translate(_MARKED).strip()
            if len(plain) >= SHORTEST:
                found.append(plain.replace("\n", " "))
        if len(found) >= _MOST_LINES:
            yield _text(found, path)
            found = []
    if found:
        yield _text(found, path)


def _text(lines: list[str], path: str) -> Text:
    return Text("\n".join(lines).encode("utf-8", "replace"), path, line=0)


def read_tokenizer(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the long pieces of a ``tokenizer.json``, and its other strings as text."""
    data = _whole_of(artifact, budget)
    if data is None or b'"vocab"' not in data or not is_whole(data):
        yield from json_text.read(artifact, budget, sampling)
        return
    words, others = _sorted(data)
    yield from pieces(words, "model.vocab")
    if others:
        yield Text("\n".join(others).encode("utf-8", "replace"), "settings", line=0)


def _sorted(data: bytes) -> tuple[list[str], list[str]]:
    """Return the pieces and the other strings of a tokenizer."""
    words: list[str] = []
    others: list[str] = []
    for value in values(data, steps=True):
        if value.steps[:1] == ("model",) and value.steps[1:2] and value.steps[1] in _PIECES:
            if len(value.steps) == 3 and isinstance(value.steps[2], str):
                words.append(value.steps[2])  # the piece is the key, its place the value
            elif value.is_text and value.steps[1] == "vocab":
                words.append(value.text)
            continue
        if value.is_text:
            others.append(f"{value.path}: {value.text}")
    return words, others


def read_places(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the long pieces of a ``vocab.json`` of pieces and their places; else read as JSON."""
    data = _whole_of(artifact, budget)
    found: list[str] = []
    if data is not None and is_whole(data):
        for value in values(data, steps=True):
            key = value.steps[-1] if len(value.steps) == 1 else None
            if value.is_text or not isinstance(key, str):
                found = []
                break
            found.append(key)
    if len(found) >= _LEAST_PIECES:
        yield from pieces(found, "vocab")
    else:
        yield from json_text.read(artifact, budget, sampling)


def read_lines(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the long pieces of a ``vocab.txt`` or ``merges.txt``; other text as it is."""
    data = _whole_of(artifact, budget)
    lines = (data or b"").decode("utf-8", "replace").splitlines()
    merges = artifact.leaf.lower().startswith("merges")
    fit = sum(line.count(" ") == merges for line in lines)
    if len(lines) < _LEAST_PIECES or fit < len(lines) * 0.99:
        yield from text.read(artifact, budget, sampling)
        return
    odd = [line for line in lines if line.count(" ") != merges]
    if odd:
        yield _text(odd, "")
    words = (line.replace(" ", "") if merges else line for line in lines)
    yield from pieces(words, "vocab")


def read_ranks(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the long pieces of a ``.tiktoken`` file: pieces in base64, each with its rank."""
    data = _whole_of(artifact, budget)
    if data is None:
        yield from text.read(artifact, budget, sampling)
        return
    words: list[str] = []
    odd: list[str] = []
    for line in data.split(b"\n"):
        coded, _, rank = line.strip().partition(b" ")
        try:
            word = base64.b64decode(coded, validate=True) if rank.isdigit() else None
        except (binascii.Error, ValueError):
            word = None
        if word is not None:
            words.append(word.decode("utf-8", "replace"))
        elif coded:
            odd.append(line.decode("utf-8", "replace"))
    if odd:
        yield _text(odd, "")
    yield from pieces(words, "vocab")


def _whole_of(artifact: Artifact, budget: Budget) -> bytes | None:
    if artifact.reader.size > _WHOLE:
        return None
    return text.whole(artifact, budget)
