"""Visits every object of an HDF5 file once, however the groups lead to one another."""

from __future__ import annotations

from functools import partial

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError, UnsupportedError
from ...findings import Gap
from ...limits import MIB, Budget
from ...readers import MemoryReader
from .. import Member
from ..embedded import kind_of
from ..metadata_text import decoded
from .attributes import Found, attributes_in, byte_ranges
from .bytes import Store
from .contents import Contents, ends_as_pickle, file_like, keras_config, short_text, trimmed, window
from .datatype import read_dataspace, read_datatype
from .heaps import GlobalHeaps
from .links import Name, names_in
from .model import Attribute, Dataset, Link
from .objects import (
    DATASPACE,
    DATATYPE,
    EXTERNAL,
    FILTERS,
    LAYOUT,
    LINK,
    LINK_INFO,
    SYMBOLS,
    Message,
    read_messages,
    resolve,
)
from .storage import read_external, read_filters, read_layout, read_virtual

_KEPT = 10_000
_GAPS = 20
_MEMBERS = 10_000
_LONGEST = 512
_ENCODED = 24
_DECODED = 4 * MIB
_GROUP = frozenset((SYMBOLS, LINK, LINK_INFO))


class Walk:
    """One file's objects, gathered.

    Args:
        artifact: The file.
        store: The same, with the sizes of its numbers.
        budget: Bounds the number of objects and the time.
    """

    def __init__(self, artifact: Artifact, store: Store, budget: Budget) -> None:
        self.artifact = artifact
        self.objects = 0
        self.links: list[Link] = []
        self.datasets: list[Dataset] = []
        self.attributes: list[Attribute] = []
        self.members: list[Member] = []
        self.gaps: list[Gap] = []
        self._store = store
        self._budget = budget
        self._heaps = GlobalHeaps(store)
        self._contents = Contents(store, self._heaps, budget)
        self._unread = 0
        self._said: set[tuple[str, str]] = set()
        self._pending: list[tuple[int, str]] = []
        self._seen: set[int] = set()

    def run(self, root: int) -> None:
        """Visit the root group and all that it leads to.

        Raises:
            ParseError: The root group cannot be read.
            LimitExceeded: Out of time.
        """
        self._pending = [(root, "")]
        self._seen = {root}
        while self._pending:
            address, path = self._pending.pop()
            self.objects += 1
            if self.objects > self._budget.limits.max_members:
                self._gap(f"more than {self.objects - 1} objects", "limit")
                break
            if not self.objects & 63:
                self._budget.check_time()
            try:
                self._object(address, path)
            except ParseError as error:
                if not path:
                    raise
                reason = "unsupported" if isinstance(error, UnsupportedError) else "malformed"
                self._gap(f"{path}: {error.message}", reason)
            except LimitExceeded as error:
                self._gap(f"{path or '/'}: {error.message}", "limit")
        if self._unread:
            detail = f"{self._unread} more parts of the file were not read"
            self.gaps.append(Gap("malformed", self.artifact.location(), detail))

    def _gap(self, detail: str, reason: str = "malformed") -> None:
        if (reason, detail) in self._said:
            return
        if reason == "limit":
            self._said.add((reason, detail))
        if len(self.gaps) < _GAPS:
            self.gaps.append(Gap(reason, self.artifact.location(), detail))
        else:
            self._unread += 1

    def _object(self, address: int, path: str) -> None:
        messages = list(read_messages(self._store, address))
        kinds = {message.type for message in messages}
        try:
            self._all_attributes(messages, path or "/")
        except ParseError as error:
            self._gap(f"attributes of {path or '/'}: {error.message}")
        if kinds & _GROUP:
            for name in names_in(self._store, messages):
                self._name(name, path, self._store.base + address)
        if LAYOUT in kinds:
            self._dataset(messages, path, self._store.base + address)

    def _name(self, name: Name, path: str, offset: int) -> None:
        below = f"{path}/{name.name}"
        if len(below) > _LONGEST:
            below = f"{below[:64]}...{below[-(_LONGEST - 67) :]}"
        if name.kind == "hard":
            if name.address not in self._seen:
                self._seen.add(name.address)
                self._pending.append((name.address, below))
        elif len(self.links) < _KEPT:
            self.links.append(Link(below, name.kind, name.file, name.target, offset))
        else:
            self._gap(f"more than {_KEPT} links", "limit")

    def _all_attributes(self, messages: list[Message], path: str) -> None:
        for found in attributes_in(self._store, messages):
            if isinstance(found, ParseError):
                self._gap(f"an attribute of {path}: {found.message}")
                continue
            try:
                self._attribute(found, path)
            except ParseError as error:
                self._gap(f"attribute {found.name!r} of {path}: {error.message}")

    def _attribute(self, found: Found, path: str) -> None:
        ranges = list(byte_ranges(found, self._heaps))
        text = ""
        if len(ranges) == 1 and found.type.kind in ("string", "vlen"):
            text = short_text(self._store.reader, *ranges[0])
        offset = ranges[0][0] if ranges else found.value.at
        name = found.name[:_LONGEST]
        if len(self.attributes) < _KEPT:
            shape = found.shape or ()
            self.attributes.append(Attribute(path, name, found.type.title, shape, text, offset))
        if keras_config(name, text):
            member = window(self._store.reader, ranges[0], f"{path}@{name}")
            self._keep(member._replace(formats=("keras-config",), guess=False))
            return
        if len(text) >= _ENCODED:
            self._encoded(ranges[0], text, f"{path}@{name}")
        plain = found.type.kind in ("string", "vlen") and not _numbers(found)
        for whole in ranges:
            where = trimmed(self._store.reader, whole) if plain else whole
            lenient = not plain or ends_as_pickle(self._store.reader, where)
            if file_like(self._store.reader, where, lenient):
                self._keep(window(self._store.reader, where, f"{path}@{name}"))

    def _encoded(self, where: tuple[int, int], text: str, name: str) -> None:
        """Keep the file that a text in Base64 or hexadecimal digits stands for."""
        if not kind_of(decoded(text)):
            return
        raw = self._store.reader.pread(where[0], min(where[1], _DECODED))
        data = decoded(raw.rstrip(b"\0").decode("latin-1"))
        parts = partial(MemoryReader, data, self._store.reader.stats)
        self._keep(Member(where[0] * 4 + 3, name, parts, guess=True))

    def _keep(self, member: Member) -> None:
        if len(self.members) < _MEMBERS:
            self.members.append(member)
        else:
            self._gap(f"more than {_MEMBERS} values that look like files", "limit")

    def _dataset(self, messages: list[Message], path: str, offset: int) -> None:
        bodies = {message.type: message for message in reversed(messages)}
        store = self._store
        kind = read_datatype(resolve(store, bodies[DATATYPE])) if DATATYPE in bodies else None
        shape = None
        if DATASPACE in bodies:
            shape = read_dataspace(resolve(store, bodies[DATASPACE]))
        layout = read_layout(store, bodies[LAYOUT].body)
        filters = read_filters(resolve(store, bodies[FILTERS])) if FILTERS in bodies else ()
        external = read_external(store, bodies[EXTERNAL].body) if EXTERNAL in bodies else ()
        virtual = read_virtual(store, self._heaps, layout) if layout.kind == "virtual" else ()
        if len(self.datasets) < _KEPT or external or virtual:
            title, start = kind.title if kind else "", layout.kind
            self.datasets.append(
                Dataset(path, title, shape or (), start, filters, external, virtual, offset)
            )
        if kind is not None and not external:
            for member in self._contents.members(kind, shape, layout, filters, path):
                self._keep(member)


def _numbers(found: Found) -> bool:
    """Return True for a sequence of bytes, which is no text."""
    return found.type.kind == "vlen" and not found.type.text
