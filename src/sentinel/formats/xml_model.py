"""PMML and OpenVINO's IR: what the XML of a model declares, without expanding anything.

Entities are never expanded and nothing is fetched: reading ends at the first declaration of an
entity, which no writer of models makes.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple
from xml.parsers import expat

from ..artifacts import Artifact
from ..errors import ParseError
from ..findings import Gap
from ..limits import MIB, Budget
from . import Parsed

_MOST = 512 * MIB
_BLOCK = 256 * 1024
_SNIFFED = MIB
_KEPT = 2_000
_CUT = 300
_PMML = re.compile(rb"<(?:[\w.-]+:)?PMML[\s>/]|<!DOCTYPE\s+PMML[\s\[>]")
_OPENVINO = re.compile(rb"<net\s[^>]*>.{0,4096}?<layers>|<!DOCTYPE\s+net[\s\[>]", re.DOTALL)
_LIBRARY_KEYS = frozenset(
    ("library", "lib", "extension", "plugin", "kernel", "filename", "entry", "path", "location")
)
_SCRIPT = re.compile(r"(?i)script|groovy|java\.|eval|exec|python")
_ROOTS = frozenset(("PMML", "net", "Net"))
_XINCLUDE = "http://www.w3.org/2001/XInclude"


class XmlEntity(NamedTuple):
    """An entity that the document declares: its name, its value or the address it is read from."""

    name: str
    value: str
    address: str
    line: int


class XmlFact(NamedTuple):
    """Something an element says: the element, what of it, its value, and its line from 1."""

    element: str
    key: str
    value: str
    line: int


class XmlDocument(NamedTuple):
    """What the XML of a model declares.

    Attributes:
        root: Name of the root element.
        doctype: Address of an external document type; empty when there is none.
        entities: Entities that it declares.
        includes: XInclude elements and style sheets.
        extensions: PMML's ``Extension`` elements, with what they name.
        functions: Functions that PMML's ``Apply`` elements name, each once.
        defined: Functions that the document defines itself.
        layers: Layers of OpenVINO that are of no standard set: their type and set.
        libraries: Attributes that name files of code.
        ranges: Constants of OpenVINO at impossible places of the weights.
        elements: Number of elements.
    """

    root: str = ""
    doctype: str = ""
    entities: tuple[XmlEntity, ...] = ()
    includes: tuple[XmlFact, ...] = ()
    extensions: tuple[XmlFact, ...] = ()
    functions: tuple[XmlFact, ...] = ()
    defined: frozenset[str] = frozenset()
    layers: tuple[XmlFact, ...] = ()
    libraries: tuple[XmlFact, ...] = ()
    ranges: tuple[XmlFact, ...] = ()
    elements: int = 0


def looks_like_pmml(artifact: Artifact, head: bytes) -> bool:
    """Return True for XML with the root element of PMML.

    Args:
        artifact: The content.
        head: Its first few kilobytes.
    """
    return _mentions(artifact, head, _PMML)


def looks_like_openvino(artifact: Artifact, head: bytes) -> bool:
    """Return True for XML with the root element of an OpenVINO model."""
    return _mentions(artifact, head, _OPENVINO)


def _mentions(artifact: Artifact, head: bytes, pattern: re.Pattern[bytes]) -> bool:
    if pattern.search(head.replace(b"\0", b"")):
        return True
    if artifact.reader.size <= len(head):
        return False
    return bool(pattern.search(artifact.reader.pread(0, _SNIFFED).replace(b"\0", b"")))


class _Stop(Exception):
    """Ends the parse: an entity was declared."""


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read the XML of a model.

    Returns:
        An ``XmlDocument``; a gap where reading stopped early.

    Raises:
        ParseError: It is no XML from its first element on.
        ReadError: The file cannot be read.
        LimitExceeded: Out of time.
    """
    found = _Handler()
    gap = ""
    try:
        _feed(artifact, budget, found)
    except _Stop:
        gap = "what follows the declaration of an entity was not read"
    except (expat.ExpatError, ValueError, LookupError, MemoryError) as error:
        if not found.elements and not found.doctype:
            raise ParseError(f"not XML ({error})") from error
        gap = f"broken XML ({error})"
    if not (found.root or found.doctype or found.entities):
        raise ParseError("no XML element")
    gaps: list[Gap] = []
    if found.root and found.root not in _ROOTS:
        detail = f"a document of {found.root[:80]!r}, which is no model and was not judged as one"
        gaps.append(Gap("unrecognised", artifact.location(), detail))
    if gap:
        gaps.append(Gap("malformed", artifact.location(line=found.line), gap))
    if artifact.reader.size > _MOST:
        detail = f"only the first {_MOST} bytes were read"
        gaps.append(Gap("limit", artifact.location(), detail))
    if found.cut:
        detail = f"more than {_KEPT} facts of one kind; the rest were not judged"
        gaps.append(Gap("limit", artifact.location(), detail))
    return Parsed(found.document(), gaps=tuple(gaps))


def _feed(artifact: Artifact, budget: Budget, found: _Handler) -> None:
    reader, at = artifact.reader, 0
    end = min(reader.size, _MOST)
    while at < end:
        budget.check_time()
        block = reader.pread(at, min(_BLOCK, end - at))
        if not block:
            break
        at += len(block)
        found.parser.Parse(block, at >= reader.size)


class _Handler:
    """Keeps what the parser tells."""

    def __init__(self) -> None:
        self.parser = parser = expat.ParserCreate()
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.buffer_text = False
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.ProcessingInstructionHandler = self._instruction
        self.root = self.doctype = ""
        self.elements = 0
        self.cut = False
        self.facts: dict[str, list[XmlFact]] = {}
        self.defined: set[str] = set()
        self.entities: list[XmlEntity] = []
        self._seen: Counter[tuple[str, str]] = Counter()

    @property
    def line(self) -> int:
        """The line the parser is on, from 1."""
        return self.parser.CurrentLineNumber

    def document(self) -> XmlDocument:
        """Return all that was kept."""
        kept = {
            kind: tuple(self.facts.get(kind, ()))
            for kind in ("includes", "extensions", "functions", "layers", "libraries", "ranges")
        }
        return XmlDocument(
            self.root, self.doctype, tuple(self.entities), kept["includes"], kept["extensions"],
            kept["functions"], frozenset(self.defined), kept["layers"], kept["libraries"],
            kept["ranges"], self.elements,
        )  # fmt: skip

    def _keep(self, kind: str, element: str, key: str, value: str) -> None:
        facts = self.facts.setdefault(kind, [])
        self._seen[kind, f"{element} {key} {value}"] += 1
        if self._seen[kind, f"{element} {key} {value}"] > 1:
            return
        if len(facts) < _KEPT:
            facts.append(XmlFact(element[:_CUT], key[:_CUT], value[:_CUT], self.line))
        else:
            self.cut = True
            del self._seen[kind, f"{element} {key} {value}"]

    def _doctype(self, name: str, address: str | None, public: str | None, inner: int) -> None:
        self.doctype = (address or "")[:_CUT]

    def _entity(
        self, name: str, parameter: bool, value: str | None, base: str | None, address: str | None,
        public: str | None, notation: str | None,
    ) -> None:  # fmt: skip
        shown = "%" + name if parameter else name
        self.entities.append(
            XmlEntity(shown[:_CUT], (value or "")[:_CUT], (address or "")[:_CUT], self.line)
        )
        raise _Stop

    def _instruction(self, target: str, data: str) -> None:
        if target.lower() == "xml-stylesheet":
            self._keep("includes", target, "href", data)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        local = name.rpartition(":")[2]
        if not self.root:
            self.root = local[:_CUT]
        if local == "include" or _XINCLUDE in attributes.values():
            self._keep("includes", local, "href", attributes.get("href", ""))
        if self.root == "PMML":
            self._pmml(local, attributes)
        else:
            self._openvino(local, attributes)

    def _pmml(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Extension":
            label = attributes.get("extender") or attributes.get("name", "")
            self._keep("extensions", name, label, attributes.get("value", ""))
        elif name == "DefineFunction":
            self.defined.add(attributes.get("name", "")[:_CUT])
        elif name == "Apply":
            self._keep("functions", name, "function", attributes.get("function", ""))
        elif _SCRIPT.search(name):
            self._keep("extensions", name, "element", "")

    def _openvino(self, name: str, attributes: dict[str, str]) -> None:
        if name == "layer":
            version = attributes.get("version", "")
            if version and not version.startswith(("opset", "experimental", "ie_internal_opset")):
                self._keep("layers", name, attributes.get("type", ""), version)
        for key in _LIBRARY_KEYS.intersection(attributes):
            if name.lower() in ("customlayer", "kernel", "source", "layer", "data", "extension"):
                self._keep("libraries", name, key, attributes[key])
        if name == "data" and "offset" in attributes and "size" in attributes:
            place = attributes["offset"] + "+" + attributes["size"]
            if not _possible(attributes["offset"], attributes["size"]):
                self._keep("ranges", name, "offset", place)


def _possible(offset: str, size: str) -> bool:
    if not (offset.isascii() and offset.isdigit() and size.isascii() and size.isdigit()):
        return False
    if len(offset) > 19 or len(size) > 19:
        return False
    return int(offset) + int(size) < 1 << 62
