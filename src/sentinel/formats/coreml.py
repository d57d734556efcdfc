"""Core ML: layers and models that name a class, and files that the model names.

A ``.mlmodel`` is one protobuf message; a ``.mlpackage`` is a folder with such a file, weights
and a manifest. Numbers of fields: ``Model.proto``, ``NeuralNetwork.proto``, ``MIL.proto`` and the
others of coremltools 9.0.
"""

from __future__ import annotations

from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..findings import Gap
from ..limits import KIB, Budget
from . import Parsed
from .coreml_sniff import TYPES
from .protobuf import VARINT, Field, Window

_PIPELINES = {200: (1, 1), 201: (1, 1), 202: (1,)}
_NETWORKS = frozenset((303, 403, 500))
_MOST_DEPTH = 32
_MOST_FACTS = 100_000
_MOST_MANIFEST = 1024 * KIB


class CoreCustom(NamedTuple):
    """A layer, operator or model that is a class of the program: where it is, and its name."""

    kind: str
    name: str
    offset: int


class CorePath(NamedTuple):
    """A file that is named: what for (``linked model``, ``weights``, ``item``), and its path."""

    purpose: str
    path: str
    offset: int


class CoreModel(NamedTuple):
    """What a Core ML file, or the manifest of a package, says.

    Attributes:
        version: Version of the format.
        customs: What needs a class of the program that loads the model.
        paths: Files that are named, each once.
        opaque: True for a model that is stored as the bytes of another format.
    """

    version: int
    customs: tuple[CoreCustom, ...]
    paths: tuple[CorePath, ...]
    opaque: bool = False


def looks_like_manifest(artifact: Artifact, head: bytes) -> bool:
    """Return True for the manifest of a Core ML package."""
    return b'"itemInfoEntries"' in head and b"com.apple.CoreML" in head


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a Core ML model.

    Returns:
        A ``CoreModel``; a gap where its messages break off, or where it is bytes of another kind.

    Raises:
        ParseError: Its first field cannot be read.
        LimitExceeded: Models within it are nested deeper than is read.
    """
    walk = _Walk(Window(artifact.reader, budget))
    gaps: list[Gap] = []
    try:
        walk.model(walk.window.whole(), 0)
    except ParseError as error:
        if not walk.met:
            raise
        gaps.append(Gap("malformed", artifact.location(), error.message))
    if not walk.met:
        raise ParseError("there is no Core ML model in it")
    if walk.opaque:
        gaps.append(Gap("unsupported", artifact.location(), "a serialized model is not read"))
    model = CoreModel(walk.version, tuple(walk.customs), tuple(walk.paths.values()), walk.opaque)
    return Parsed(model, gaps=tuple(gaps))


def parse_manifest(artifact: Artifact, budget: Budget) -> Parsed:
    """Read which files a Core ML package says that it has. Raises ParseError, LimitExceeded."""
    import json

    if artifact.reader.size > _MOST_MANIFEST:
        raise LimitExceeded(f"a manifest of more than {_MOST_MANIFEST} bytes is not read")
    try:
        document = json.loads(artifact.reader.pread(0, _MOST_MANIFEST))
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not JSON ({type(error).__name__})") from error
    entries = document.get("itemInfoEntries") if isinstance(document, dict) else None
    paths = [
        CorePath("item", entry["path"], 0)
        for entry in (entries.values() if isinstance(entries, dict) else ())
        if isinstance(entry, dict) and isinstance(entry.get("path"), str)
    ]
    return Parsed(CoreModel(0, (), tuple(paths)))


class _Walk:
    def __init__(self, window: Window) -> None:
        self.window = window
        self.version = 0
        self.met = False
        self.opaque = False
        self.customs: list[CoreCustom] = []
        self.paths: dict[tuple[str, str], CorePath] = {}

    def model(self, field: Field, depth: int) -> None:
        if depth > _MOST_DEPTH:
            raise LimitExceeded(f"models nested deeper than {_MOST_DEPTH}")
        window = self.window
        for part in window.fields(field.start, field.end):
            number = part.number
            self.met = self.met or number in TYPES
            if number == 1 and part.wire == VARINT and not depth:
                self.version = part.value
            elif part.wire == VARINT:
                continue
            elif number in _PIPELINES:
                for inner in window.at(part, *_PIPELINES[number]):
                    self.model(inner, depth + 1)
            elif number in _NETWORKS:
                self._network(part, depth)
            elif number == 502:
                for block in window.at(part, 2, 2, 3, 2):
                    self._block(block, depth)
            elif number == 555:
                self._custom("model", window.word(part, 10), part.start)
            elif number == 556:
                self._linked(part)
            elif number == 3000:
                self.opaque = True

    def _network(self, field: Field, depth: int) -> None:
        if depth > _MOST_DEPTH:
            raise LimitExceeded(f"networks nested deeper than {_MOST_DEPTH}")
        for layer in self.window.at(field, 1):
            for part in self.window.fields(layer.start, layer.end):
                if part.wire == VARINT:
                    continue
                if part.number == 500:
                    self._custom("layer", self.window.word(part, 10), part.start)
                elif part.number in (605, 615):
                    for number in (1, 2) if part.number == 605 else (3, 4):
                        for inner in self.window.at(part, number):
                            self._network(inner, depth + 1)

    def _block(self, field: Field, depth: int) -> None:
        if depth > _MOST_DEPTH:
            raise LimitExceeded(f"blocks nested deeper than {_MOST_DEPTH}")
        window = self.window
        for operation in window.at(field, 3):
            kind = window.word(operation, 1)
            if kind == "custom_layer":
                self._custom("operator", self._class(operation), operation.start)
            for blob in window.at(operation, 5, 2, 5):
                self._path("weights", window.word(blob, 1), blob.start)
            for blob in window.at(operation, 2, 2, 1, 2, 5):
                self._path("weights", window.word(blob, 1), blob.start)
            for block in window.at(operation, 4):
                self._block(block, depth + 1)

    def _class(self, operation: Field) -> str:
        """Return the class that an operator names among its attributes."""
        for entry in self.window.at(operation, 5):
            if self.window.word(entry, 1) == "class_name":
                for held in self.window.at(entry, 2, 3):
                    return self.window.word(held, 1, 4, 1) or self.window.text(held, 200)
        return ""

    def _linked(self, field: Field) -> None:
        for file in self.window.at(field, 1):
            for number in (1, 2):
                self._path("linked model", self.window.word(file, number, 1), file.start)

    def _path(self, purpose: str, path: str, at: int) -> None:
        if len(self.paths) >= _MOST_FACTS:
            raise LimitExceeded(f"more than {_MOST_FACTS} files are named")
        if path:
            self.paths.setdefault((purpose, path), CorePath(purpose, path, at))

    def _custom(self, kind: str, name: str, at: int) -> None:
        if len(self.customs) >= _MOST_FACTS:
            raise LimitExceeded(f"more than {_MOST_FACTS} custom layers")
        self.customs.append(CoreCustom(kind, name, at))
