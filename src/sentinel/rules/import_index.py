"""The compiled import tables: looked up in their raw bytes, never parsed as a whole.

``tools/make_index.py`` writes the file and says what its fields mean. It is mapped, not read; a
name costs a bisection for its module's line and one ``find`` within that line.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ..data import mapped

if TYPE_CHECKING:
    from mmap import mmap

CAPABILITIES = {
    "-": "", "E": "execute", "L": "load-code", "D": "deserialise", "I": "import",
    "N": "introspect", "F": "file", "W": "network", "P": "process", "?": "unvouched",
}  # fmt: skip
"""Capabilities by the letters of the index."""

_LINES = 2048


class Entry(NamedTuple):
    """What the tables say about an exact name.

    Attributes:
        kind: ``s`` safe, ``h`` shape, ``d`` dangerous by hand, ``g`` dangerous by the audit, ``c``
            a class that by the audit is dangerous to call, but not to make instances of.
        capability: What it gives when called; empty for shapes and for plain data.
        text: The shape, or the reason.
    """

    kind: str
    capability: str
    text: str


class ModuleEntry(NamedTuple):
    """What the tables say about a module as a whole.

    Attributes:
        whole: Every name in it is dangerous.
        package: So are the modules below it.
        tail: Its name is telling wherever it stands.
        handle: Handing out the module object is dangerous in itself.
        text: So they are when given text alone.
        capability: What its names give.
        reason: What they reach.
    """

    whole: bool
    package: bool
    tail: bool
    handle: bool
    text: bool
    capability: str
    reason: str


class Index:
    """The import tables.

    Args:
        data: The bytes of the compiled index.
    """

    __slots__ = ("_lines", "data")

    def __init__(self, data: bytes | mmap) -> None:
        self.data = data
        self._lines: dict[str, bytes] = {}

    def line(self, module: str) -> bytes:
        """Return the fields of a module with a tab on either side of each; empty when absent."""
        found = self._lines.get(module)
        if found is None:
            if len(self._lines) >= _LINES:
                self._lines.clear()
            found = self._lines[module] = self._bisect(module.encode("utf-8", "surrogatepass"))
        return found

    def _bisect(self, key: bytes) -> bytes:
        start = self._place(key)
        tab = self.data.find(b"\t", start)
        if self.data[start:tab] != key:
            return b""
        return self.data[tab : self.data.find(b"\n", tab)]

    def _place(self, key: bytes) -> int:
        """Return where the first line begins whose module is not before ``key``."""
        data = self.data
        low, high = 0, len(data)
        while low < high:
            start = data.rfind(b"\n", low, (low + high) // 2) + 1 or low
            if data[start : data.find(b"\t", start)] < key:
                low = data.find(b"\n", start) + 1
            else:
                high = start
        return low

    def has_below(self, module: str) -> bool:
        """Return True when there is an entry about a module or about one within it."""
        if self.line(module):
            return True
        key = module.encode("utf-8", "surrogatepass") + b"."
        start = self._place(key)
        return self.data[start : start + len(key)] == key

    def field(self, module: str, key: str) -> str | None:
        """Return the value of one field of a module's line, or None."""
        line = self.line(module)
        if not line:
            return None
        mark = b"\t" + key.encode("utf-8", "surrogatepass") + b"="
        start = line.find(mark)
        if start < 0:
            return None
        start += len(mark)
        return line[start : line.index(b"\t", start)].decode()

    def entry(self, module: str, name: str) -> Entry | None:
        """Return what is known about an exact name, also by the module's other homes."""
        value = self.field(module, name)
        if value is None and (home := self.field(module, "@")):
            value = self.field(home, name)
        if not value or not name:
            return None
        if value[0] == "h":
            return Entry("h", "", value[1:])
        return Entry(value[0], CAPABILITIES[value[1]], value[2:])

    def module(self, module: str) -> ModuleEntry | None:
        """Return what is known about a module, also by a package above it."""
        own = self._module(module)
        if own is not None:
            return own
        parent = module
        while "." in parent:
            parent = parent.rpartition(".")[0]
            above = self._module(parent)
            if above is not None and above.package:
                return above
        return None

    def _module(self, module: str) -> ModuleEntry | None:
        value = self.field(module, "")
        if value is None:
            return None
        flags, _, rest = value.partition(":")
        whole, package, tail, handle, text = (letter in flags for letter in "wpthx")
        return ModuleEntry(whole, package, tail, handle, text, CAPABILITIES[rest[0]], rest[1:])

    def is_tail(self, word: str) -> bool:
        """Return True for a top-level module whose name is telling anywhere, ``_os`` as ``os``."""
        return self.field("*tails", word) is not None or (
            word[:1] == "_" and self.field("*tails", word.lstrip("_")) is not None
        )

    def home(self, module: str, name: str) -> str | None:
        """Return where a package's dangerous class of this name is known, if it has no other."""
        return self.field(f"*of.{module.partition('.')[0]}", name)

    def telling(self, name: str) -> str | None:
        """Return the function that a telling name is named after, or None."""
        return self.field("*names", name)

    def method(self, name: str) -> str | None:
        """Return the method that an attribute of a telling name is taken for, or None."""
        return self.field("*methods", name)

    def segment(self, word: str) -> str | None:
        """Return what an attribute segment leaves its object for, or None."""
        return self.field("*segments", word)

    def other_case(self, module: str, name: str) -> str | None:
        """Return the name of a hand-kept or safe entry that differs in case alone, or None."""
        line = self.line(module)
        mark = b"\t" + name.lower().encode("utf-8", "surrogatepass") + b"="
        start = line.lower().find(mark)
        if start < 0:
            return None
        key, _, value = line[start + 1 : line.index(b"\t", start + 1)].decode().partition("=")
        return key if value[:1] in ("d", "h", "s") and key else None


@lru_cache(maxsize=1)
def index() -> Index:
    """Return the import tables, read on first use."""
    return Index(mapped("imports/index.txt"))
