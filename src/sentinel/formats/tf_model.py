"""What a TensorFlow graph says, as plain data."""

from __future__ import annotations

from typing import NamedTuple

from .embedded import FoundFile


class TfNode(NamedTuple):
    """One operator of a graph or of a function.

    Attributes:
        op: Name of the operator, or of the function that is called.
        name: Its own name.
        inputs: Names of what it takes, as written (``node:1``, ``^node``).
        texts: Attributes and constants that are short text, by name.
        function: Name of the function it is in; empty for the graph itself.
        offset: Where it is in the file.
    """

    op: str
    name: str
    inputs: tuple[str, ...]
    texts: tuple[tuple[str, str], ...]
    function: str
    offset: int


class TfAsset(NamedTuple):
    """A file that comes with a SavedModel.

    Attributes:
        tensor: Name of the constant that loading replaces by the file's path.
        filename: Its name below ``assets``.
        offset: Where that is written.
    """

    tensor: str
    filename: str
    offset: int


class TfGraphs(NamedTuple):
    """What a SavedModel, a MetaGraph or a frozen graph says.

    Attributes:
        kind: ``saved model``, ``meta graph``, ``graph``, ``text`` for one of them in text form,
            or ``fingerprint`` for the file of hash sums that lies beside a SavedModel.
        version: Version of TensorFlow that is said to have written it.
        tags: Tags of its meta graphs.
        nodes: Operators of all graphs and functions, in order.
        functions: Names of the functions it defines, repeats included.
        assets: Files that come with it.
        files: Constants that begin like a file of another kind.
    """

    kind: str
    version: str
    tags: tuple[str, ...]
    nodes: tuple[TfNode, ...]
    functions: tuple[str, ...]
    assets: tuple[TfAsset, ...]
    files: tuple[FoundFile, ...] = ()
