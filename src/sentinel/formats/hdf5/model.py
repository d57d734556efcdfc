"""What the HDF5 reader hands to the rules: inert facts."""

# Not `from __future__ import annotations`: NamedTuple would compile each of them, at a cost.

from typing import NamedTuple


class Link(NamedTuple):
    """A link that does not lead to an object of the same file by its address.

    Attributes:
        path: Where it is.
        kind: ``soft``, ``external`` or ``user`` (a class that only its program knows).
        file: File an external link names, else empty.
        target: Path it leads to.
        offset: Offset of the group it is in.
        beside: Whether the file of an external link lies beside this one, under a plain name and as
            no link itself.
    """

    path: str
    kind: str
    file: str
    target: str
    offset: int
    beside: bool = False


class Filter(NamedTuple):
    """One filter that a dataset's chunks went through: its registered number and its name."""

    id: int
    name: str


class Source(NamedTuple):
    """Another file that a dataset takes its values from.

    Attributes:
        file: Name of the file; ``.`` stands for this one.
        dataset: Path within it; empty for raw bytes.
    """

    file: str
    dataset: str


class Attribute(NamedTuple):
    """An attribute.

    Attributes:
        path: Object it belongs to.
        name: Its name.
        type: Its type, as ``string``, ``vlen string``, ``uint8``, ``compound(3)``.
        shape: Its extents; empty for a single value.
        text: The value when it is one string, cut to 200 characters.
        offset: Offset of its value, or of what describes it.
    """

    path: str
    name: str
    type: str
    shape: tuple[int, ...]
    text: str
    offset: int


class Dataset(NamedTuple):
    """A dataset; its values are not read.

    Attributes:
        path: Where it is.
        type: Its type.
        shape: Its extents.
        layout: ``compact``, ``contiguous``, ``chunked``, ``virtual``, or ``unknown``.
        filters: What its chunks went through.
        external: Files with its raw bytes (external storage).
        virtual: Files with the datasets it is put together from.
        offset: Offset of its header.
    """

    path: str
    type: str
    shape: tuple[int, ...]
    layout: str
    filters: tuple[Filter, ...] = ()
    external: tuple[Source, ...] = ()
    virtual: tuple[Source, ...] = ()
    offset: int = 0


class Hdf5File(NamedTuple):
    """What an HDF5 file says.

    Attributes:
        version: Version of its superblock.
        offset: Where the superblock is; what lies before it is a user block.
        objects: Number of objects that were read.
        links: Links that lead elsewhere.
        datasets: Its datasets, up to a bound.
        attributes: Its attributes, up to a bound.
        user_block: True when the bytes before the superblock are not all zero.
        trailing: ``(offset, length)`` of bytes behind the end that the superblock gives, or None.
    """

    version: int
    offset: int
    objects: int
    links: tuple[Link, ...]
    datasets: tuple[Dataset, ...]
    attributes: tuple[Attribute, ...]
    user_block: bool = False
    trailing: tuple[int, int] | None = None
