"""Caffe networks: which layers are Python, in the binary form and in the text form.

Numbers of fields: ``caffe.proto`` of Caffe 1.0. The text form is not parsed as a whole: the names
and strings in it are put in order, which is enough to see a layer's type and its module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..limits import Budget
from . import Parsed
from .protobuf import BYTES, Window
from .protobuf_shape import ANY, TEXT, Shape, fits
from .tf_text import unescaped

_MOST = 100_000
_LAYER = Shape({1: TEXT, 2: TEXT, 3: TEXT, 4: TEXT, 7: ANY}, frozenset((1, 2)), open=True)
_NET = Shape({1: TEXT, 3: TEXT, 100: _LAYER, 4: ANY, 8: ANY, 6: ANY, 7: ANY}, frozenset((100,)))
_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"""|(?P<mark>(?P<word>[A-Za-z_]\w*)|.)"""
)


class CaffePython(NamedTuple):
    """A layer in Python: module and class that it names, and what it is given."""

    module: str
    layer: str
    parameters: str
    offset: int


class CaffeNet(NamedTuple):
    """What a network of Caffe says: the number of its layers, and those in Python."""

    layers: int
    python: tuple[CaffePython, ...]


def looks_like_caffe(artifact: Artifact, head: bytes) -> bool:
    """Return True for a network of Caffe in the binary form."""
    return fits(artifact, _NET)


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a network in the binary form. Raises ParseError, LimitExceeded."""
    window = Window(artifact.reader, budget)
    python: list[CaffePython] = []
    layers = 0
    for field in window.fields(0, window.size):
        if field.wire != BYTES or field.number not in (2, 100):
            continue
        layers += 1
        if field.number == 100 and window.word(field, 2) == "Python":
            module, layer, given = (window.word(field, 130, number) for number in (1, 2, 3))
            python.append(CaffePython(module, layer, given, field.start))
        if layers > _MOST:
            raise LimitExceeded(f"more than {_MOST} layers")
    if not layers:
        raise ParseError("there is no layer of Caffe in it")
    return Parsed(CaffeNet(layers, tuple(python)))


def parse_text(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a network in the text form. Raises LimitExceeded when it is longer than text may be."""
    if artifact.reader.size > budget.limits.max_text:
        raise LimitExceeded(f"a text of more than {budget.limits.max_text} bytes is not read")
    text = artifact.reader.pread(0, artifact.reader.size).decode("utf-8", "replace")
    words = list(_words(text, budget))
    layers = sum(1 for word, _ in words if word in ("layer", "layers"))
    python = []
    for place, (word, at) in enumerate(words):
        if word == "type" and place + 1 < len(words) and words[place + 1][0] == "'Python":
            near = [entry for entry, _ in words[place : place + 60]]
            module, layer, given = (_after(near, key) for key in ("module", "layer", "param_str"))
            python.append(CaffePython(module, layer, given, at))
    return Parsed(CaffeNet(layers, tuple(python)))


def _words(text: str, budget: Budget) -> Iterator[tuple[str, int]]:
    """Yield names, and strings with a quote in front, with their place.

    Strings that follow one another are one, as the text form of protocol buffers has it.
    """
    held, start = "", 0
    for count, match in enumerate(_TOKEN.finditer(text)):
        if not count & 0xFFFF:
            budget.check_time()
        if match["text"]:
            held, start = held or "'", start if held else match.start()
            held = (held + unescaped(match["text"][1:-1]))[:_MOST]
            continue
        if held and match["mark"]:
            yield held, start
            held = ""
        if match["word"]:
            yield match["word"], match.start()
    if held:
        yield held, start


def _after(words: list[str], key: str) -> str:
    for place, word in enumerate(words[:-1]):
        if word == key and words[place + 1].startswith("'"):
            return words[place + 1][1:]
    return ""
