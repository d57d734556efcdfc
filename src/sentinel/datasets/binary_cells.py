"""Values of columns of bytes in Parquet and Arrow: pictures and sounds, and what else begins there.

The metadata is read by the scanner; here the values themselves are looked at, by their first bytes
and, for pictures, by their structure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..artifacts import Artifact
from ..errors import LimitExceeded
from ..findings import Gap
from ..formats.embedded import NATIVE, kind_of
from ..limits import MIB, Budget
from ..pii.sources.extras import ReaderFile, foreign
from ..readers import MemoryReader
from .images import kind_of as picture_kind
from .notes import Notes, Place, Tally
from .pictures import watch_picture

_ROWS = 256
_MOST_GROUP = 512 * MIB
_MOST_BYTES = 1024 * MIB
_DEEPEST = 4
_SAYS = {
    "program": "values of a column of bytes are programs",
    "pickle": "values of a column of bytes are pickles",
    "polyglot": "pictures in a column are other files too",
    "picture-code": "comments of pictures in a column hold code",
    "trailing": "pictures in a column have data behind their end",
    "picture-broken": "pictures in a column are broken",
    "picture-bomb": "pictures in a column claim more pixels than Pillow unpacks",
}


def watch_bytes(artifact: Artifact, budget: Budget, notes: Notes) -> None:
    """Look at the values of all columns of bytes of a Parquet or Arrow file.

    Nothing is done where pyarrow is missing, which is told elsewhere.

    Raises:
        ParseError: The file is malformed.
        LimitExceeded: It holds more bytes than are looked at, or the time is up.
    """
    try:
        import pyarrow  # noqa: F401 - asked for before anything else of it
    except ImportError:
        return
    found = _Values(budget)
    try:
        with foreign("a table"):
            for batch in _batches(artifact, notes):
                budget.check_time()
                for name, column in zip(batch.schema.names, batch.columns, strict=True):
                    for path, leaf in _leaves(name, column, 0):
                        found.column(path, leaf)
                found.rows += batch.num_rows
    finally:  # what was seen before an error still counts
        found.report(notes)


def _batches(artifact: Artifact, notes: Notes) -> Iterator[Any]:
    """Yield record batches of those columns of a file that hold bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = pa.PythonFile(ReaderFile(artifact.reader), "r")
    if artifact.reader.pread(0, 4) == b"PAR1":
        file = pq.ParquetFile(source, pre_buffer=False, buffer_size=MIB)
        schema = file.schema_arrow
        paths = [path for field in schema for path in _bytes_below(field.name, field.type, 0)]
        if not paths:
            return
        # As dictionaries, so that one long value in every row is there once.
        file = pq.ParquetFile(source, read_dictionary=paths, pre_buffer=False, buffer_size=MIB)
        heavy = [n for n in range(file.num_row_groups)
                 if file.metadata.row_group(n).total_byte_size > _MOST_GROUP]  # fmt: skip
        groups = [n for n in range(file.num_row_groups) if n not in heavy]
        if heavy:
            detail = f"{len(heavy)} row groups of more than {_MOST_GROUP} bytes: values not read"
            notes.gaps.append(Gap("limit", artifact.location(), detail))
        yield from file.iter_batches(_ROWS, row_groups=groups, columns=paths, use_threads=False)
    elif artifact.reader.pread(0, 6) == b"ARROW1":
        opened = pa.ipc.open_file(source)
        names = [field.name for field in opened.schema if any(_bytes_below("", field.type, 0))]
        for number in range(opened.num_record_batches if names else 0):
            batch = opened.get_batch(number)
            batch.validate(full=True)
            yield batch.select(names)


def _bytes_below(path: str, kind: Any, depth: int) -> Iterator[str]:
    """Yield the paths of the columns of bytes that a type holds."""
    from pyarrow import types

    if types.is_binary(kind) or types.is_large_binary(kind):
        yield path
    elif types.is_struct(kind) and depth < _DEEPEST:
        for number in range(kind.num_fields):
            field = kind.field(number)
            yield from _bytes_below(f"{path}.{field.name}", field.type, depth + 1)


def _leaves(path: str, column: Any, depth: int) -> Iterator[tuple[str, Any]]:
    from pyarrow import types

    kind = column.type
    plain = kind.value_type if types.is_dictionary(kind) else kind
    if types.is_binary(plain) or types.is_large_binary(plain):
        yield path, column
    elif types.is_struct(kind) and depth < _DEEPEST:
        for number, part in enumerate(column.flatten()):
            yield from _leaves(f"{path}.{kind.field(number).name}", part, depth + 1)


class _Values:
    """Looks at values and counts what they are.

    Args:
        budget: The time.

    Attributes:
        rows: Rows in front of the batch that is looked at.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._bytes = 0
        self.rows = 0

    def column(self, path: str, leaf: Any) -> None:
        """Look at the values of a column in a batch, at those that recur once."""
        from pyarrow import types

        repeats = types.is_dictionary(leaf.type)
        indexes = leaf.indices.to_pylist() if repeats else range(len(leaf))
        values = leaf.dictionary if repeats else leaf
        known: dict[int, list[tuple[str, str]]] = {}
        for row, index in enumerate(indexes, self.rows + 1):
            if index is None:
                continue
            if index not in known:
                known[index] = self._look(values[index].as_py())
            for kind, evidence in known[index]:
                tally = self._tallies.setdefault((kind, path), Tally())
                tally.add(Place(row, 0, path), evidence)

    def _look(self, value: bytes | None) -> list[tuple[str, str]]:
        if not value:
            return []
        self._bytes += len(value)
        if self._bytes > _MOST_BYTES:
            raise LimitExceeded(f"more than {_MOST_BYTES} bytes in columns of bytes")
        return list(_judge(value, self._budget))

    def report(self, notes: Notes) -> None:
        """Note what was found."""
        for (kind, _), tally in self._tallies.items():
            notes.add(tally.note(kind, _SAYS[kind], self.rows))


def _judge(value: bytes, budget: Budget) -> Iterator[tuple[str, str]]:
    if picture_kind(value[:32]):
        inner = Notes()
        watch_picture(Artifact("value", MemoryReader(value)), budget, inner)
        yield from ((n.kind, n.evidence) for n in inner.facts().notes if n.kind in _SAYS)
        return
    kind = kind_of(value)
    if kind in NATIVE:
        yield "program", kind
    elif kind == "pickle":
        yield "pickle", kind
