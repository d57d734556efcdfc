"""skops' zip archives: the tree of nodes that ``schema.json`` describes.

Each node names a class or function by module and name, and a loader that says what is done with it:
looked up, called with arguments, given a state. Loading imports and calls what was trusted, so the
names are the facts. Source: ``skops/io`` of skops 0.16, whose protocol is 2; nodes of protocol 0
give functions by ``module_path``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import ParseError, SentinelError
from ..findings import Gap
from ..limits import MIB, Budget
from . import Parsed
from .archive.zip import ZipEntry, open_entry, read_archive
from .archive.zip import parsed as parsed_zip
from .archive.zip_directory import Window
from .archive.zip_open import is_locked

_MOST = 64 * MIB
_DIRECTORY = MIB
_ENDS = 8
_KEPT = 20_000
_CUT = 300
_SCHEMA = "schema.json"


class SkopsNode(NamedTuple):
    """One kind of node; equal nodes are one.

    Attributes:
        loader: Its loader, as ``ObjectNode``.
        module: Module of what it names.
        name: Class or function in it.
        inner: For a method, the class of its object; the arguments of an operator; else empty.
        method: Name of the method.
        place: Where the first of them is.
    """

    loader: str
    module: str
    name: str
    inner: str = ""
    method: str = ""
    place: str = ""


class SkopsFile(NamedTuple):
    """What a skops file names.

    Attributes:
        nodes: Its distinct nodes.
        protocol: Protocol of the file; None when it gives none, or no number.
        version: Version of skops that wrote it.
    """

    nodes: tuple[SkopsNode, ...] = ()
    protocol: int | None = None
    version: str = ""


def looks_like_skops(artifact: Artifact, head: bytes) -> bool:
    """Return True for a zip archive with a schema.

    Args:
        artifact: A zip archive.
        head: Its first 4096 bytes.
    """
    if artifact.leaf.lower().endswith(".skops"):
        return True
    window = Window(artifact.reader, artifact.reader.size)
    for end in islice(window.ends(), _ENDS):
        length = min(end.size, end.limit, _DIRECTORY)
        if _SCHEMA.encode() in window.read(end.limit - length, length).lower():
            return True
    return False


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read the schemas of a skops file, every reading of each.

    Returns:
        A ``SkopsFile``; a gap for a schema that cannot be read.

    Raises:
        ParseError: This is no zip archive.
        ReadError: The file cannot be read.
        LimitExceeded: Out of time.
    """
    archive = read_archive(artifact, budget)
    found = _Nodes(budget)
    gaps: list[Gap] = []
    protocol, version, schemas = None, "", 0
    for entry in archive.entries:
        if entry.name.lower() != _SCHEMA or is_locked(entry):
            continue
        schemas += 1
        try:
            document = _document(artifact, entry, budget)
        except SentinelError as error:
            place = artifact.location(entry.header_offset)
            gaps.append(Gap("malformed", place, f"{entry.name}: {error.message}", error.hint))
            continue
        if isinstance(document, dict):
            number = document.get("protocol")
            protocol = number if type(number) is int else None
            version = str(document.get("_skops_version", ""))[:40]
        found.walk(document)
    if artifact.leaf.lower().endswith(".skops") and not schemas:
        gaps.append(Gap("malformed", artifact.location(), "a skops file without a schema"))
    if found.cut:
        detail = f"more than {_KEPT} kinds of nodes; the rest were not judged"
        gaps.append(Gap("limit", artifact.location(), detail))
    model = SkopsFile(tuple(found.nodes.values()), protocol, version)
    return Parsed(model, (), tuple(gaps), container=parsed_zip(artifact, archive, budget))


def _document(artifact: Artifact, entry: ZipEntry, budget: Budget) -> object:
    reader = open_entry(artifact, entry, budget)
    if reader.size > _MOST:
        raise ParseError(f"a schema of more than {_MOST} bytes is not read")
    try:
        return json.loads(reader.pread(0, _MOST))
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not JSON ({type(error).__name__})") from error


class _Nodes:
    def __init__(self, budget: Budget) -> None:
        self.nodes: dict[tuple[str, ...], SkopsNode] = {}
        self.cut = False
        self._budget = budget

    def walk(self, document: object) -> None:
        pending: list[tuple[object, str]] = [(document, "")]
        steps = 0
        while pending:
            item, place = pending.pop()
            steps += 1
            if not steps & 4095:
                self._budget.check_time()
            if isinstance(item, dict):
                for node in _nodes(item, place):
                    self._keep(node)
                pending += [
                    (value, f"{place}.{key}".lstrip(".")[-_CUT:])
                    for key, value in reversed(item.items())
                    if isinstance(value, dict | list)
                ]
            elif isinstance(item, list):
                pending += [
                    (value, f"{place}[{index}]"[-_CUT:])
                    for index, value in reversed(list(enumerate(item)))
                    if isinstance(value, dict | list)
                ]

    def _keep(self, node: SkopsNode) -> None:
        if len(self.nodes) < _KEPT:
            self.nodes.setdefault(node[:-1], node)
        else:
            self.cut = True


def _nodes(item: dict[str, object], place: str) -> Iterator[SkopsNode]:
    """Yield what one object of the schema names."""
    loader = item.get("__loader__")
    if not isinstance(loader, str) and not ("__class__" in item and "__module__" in item):
        return
    module, name = _text(item.get("__module__")), _text(item.get("__class__"))
    kind, content = _text(loader), item.get("content")
    inner = method = ""
    if isinstance(content, dict):
        if isinstance(content.get("function"), str):  # of protocol 0
            path = _text(content.get("module_path"))
            yield SkopsNode(kind, path, _text(content["function"]), place=place)
        target = content.get("obj")
        if kind == "MethodNode":
            method = _text(content.get("func"))
            if isinstance(target, dict):
                inner = f"{_text(target.get('__module__'))}.{_text(target.get('__class__'))}"
    if kind == "OperatorFuncNode":
        inner = ", ".join(islice(_leaves(item.get("attrs")), 8))
    yield SkopsNode(kind, module, name, inner, method, place)


def _leaves(document: object) -> Iterator[str]:
    """Yield the texts below a node that stand for values."""
    pending = [document]
    for _ in range(1_000):
        if not pending:
            return
        item = pending.pop()
        if isinstance(item, dict):
            content = item.get("content")
            if isinstance(content, str):
                yield content[:_CUT].strip('"')
            elif content is not None:
                pending.append(content)
        elif isinstance(item, list):
            pending += reversed(item)


def _text(value: object) -> str:
    return value[:_CUT] if isinstance(value, str) else ""
