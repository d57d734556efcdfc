"""Parquet, Arrow and ORC, through pyarrow where it is installed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from ...artifacts import Artifact
from ...errors import ParseError
from ...findings import Gap
from ...limits import KIB, MIB, Budget
from ..model import STATISTICS, Batch, Piece, Skipped, Text
from . import Sampling
from .arrow_cells import ArrowTable
from .arrow_sizes import MOST, parts
from .extras import ReaderFile, foreign, missing
from .parquet_footer import RowGroup, row_groups
from .pickled import text_of_bytes
from .rows import MOST_COLUMNS

_ROWS = 8 * KIB
_GROUPS = 8
_SAMPLED_ROWS = 320 * KIB
_SAMPLED_BYTES = 512 * MIB
_LEAST_ROWS = 32 * KIB
_EVERY = 16
_MOST_STATISTICS = 100_000
_HOW = {
    "pre_buffer": False,
    "buffer_size": 256 * KIB,  # else a column of a row group is held whole
    "thrift_string_size_limit": 100 * MIB,
    "thrift_container_size_limit": 1_000_000,
}
_KEYS_LEFT_OUT = (b"ARROW:schema",)
_ENCRYPTED = "decrypt the file and scan that"


def read_parquet(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the rows of a Parquet file, and its key-value metadata as text.

    Of a sampled file, the statistics of all row groups are read and the first rows of the first,
    the last and eight others.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise missing("Parquet") from None
    if artifact.reader.pread(0, 4) == b"PARE":
        yield Gap("encrypted", artifact.location(), "an encrypted Parquet file", _ENCRYPTED)
        return
    try:
        with foreign("Parquet"):
            source = pa.PythonFile(ReaderFile(artifact.reader), "r")
            file = pq.ParquetFile(source, **_HOW)
            groups = row_groups(artifact.reader)
            repeating = _repeating(groups)
            if repeating:
                file = pq.ParquetFile(source, read_dictionary=repeating, **_HOW)
            yield from _metadata(file.metadata.metadata)
            yield from _row_groups(artifact, file, groups, budget, sampling)
    except ParseError as error:
        if "ncrypt" not in str(error.__cause__):
            raise
        yield Gap("encrypted", artifact.location(), "an encrypted Parquet file", _ENCRYPTED)


def _repeating(groups: Sequence[RowGroup]) -> list[str]:
    """Return the columns to be read as dictionaries: their values may be long, and often the same.

    Writers leave out the least and the greatest value where these are long.
    """
    some = (groups[number] for number in spread(len(groups)))
    chunks = (chunk for group in some for chunk in group.chunks)
    found = (chunk.path for chunk in chunks if chunk.is_repeating and chunk.least is None)
    return list(dict.fromkeys(found))


def _metadata(pairs: dict[bytes, bytes] | None) -> Iterator[Text]:
    parts = [
        b"%s: %s" % (key, value)
        for key, value in (pairs or {}).items()
        if key not in _KEYS_LEFT_OUT
    ]
    if parts:
        yield Text(b"\n".join(parts), "metadata", line=0)


def _row_groups(
    artifact: Artifact,
    file: Any,
    groups: Sequence[RowGroup],
    budget: Budget,
    sampling: Sampling,
) -> Iterator[Piece]:
    count, total = file.num_row_groups, file.metadata.num_rows
    sampled = not sampling.full and artifact.reader.size > sampling.over
    chosen = frozenset(spread(count) if sampled else range(count))
    most = max(_LEAST_ROWS, _SAMPLED_ROWS // max(len(chosen), 1))
    heaviest = _SAMPLED_BYTES // max(len(chosen), 1)
    known = groups if len(groups) == count else ()
    table = ArrowTable()
    first = 1
    rows = 0
    for number in range(count):
        if number in chosen:
            at, weight = first, 0
            size = _rows(known[number]) if known else _ROWS
            for batch in file.iter_batches(size, row_groups=[number], use_threads=False):
                yield from _batch(table, batch, at, budget)
                at, weight = at + batch.num_rows, weight + batch.nbytes
                if sampled and (at - first >= most or weight >= heaviest):
                    break
            rows += at - first
        first += known[number].rows if known else file.metadata.row_group(number).num_rows
    yield from _ends(artifact, table)
    if sampled:
        yield from _statistics(groups)
        yield Skipped("", rows, total, "rows")


def _rows(group: RowGroup) -> int:
    """Return how many rows of a row group are read at once, by the size it claims."""
    return max(1, min(_ROWS, MOST * group.rows // max(group.size, 1)))


def spread(count: int) -> list[int]:
    """Return which of so many parts are looked at: the first, the last and eight between."""
    if count <= _GROUPS + 2:
        return list(range(count))
    return sorted({round(step * (count - 1) / (_GROUPS + 1)) for step in range(_GROUPS + 2)})


def _statistics(groups: Sequence[RowGroup]) -> Iterator[Batch]:
    """Yield the least and greatest strings of each column in each row group, as a table."""
    found: dict[str, list[str]] = {}
    every = ((chunk.path, value) for group in groups for chunk in group.chunks
             for value in (chunk.least, chunk.greatest) if value)  # fmt: skip
    for path, value in islice(every, _MOST_STATISTICS):
        if len(found) < MOST_COLUMNS or path in found:
            found.setdefault(path, []).append(text_of_bytes(value).decode("utf-8", "replace"))
    if found:
        yield Batch(STATISTICS, tuple(found), list(found.values()), 0)


def _batch(table: ArrowTable, batch: Any, first: int, budget: Budget) -> Iterator[Piece]:
    """Yield a record batch after making sure that its buffers are what they claim."""
    budget.check_time()
    batch.validate(full=True)
    for at, size, part in parts(batch):
        budget.spend_expanded(size + part.num_rows, 1, 0)
        found = table.batch(part, first + at)
        if found is not None:
            yield found


def _ends(artifact: Artifact, table: ArrowTable) -> Iterator[Gap]:
    if table.left_out:
        detail = "a table with more columns than are looked at"
        yield Gap("limit", artifact.location(), detail)


def read_arrow(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the rows of an Arrow file, a Feather file of version 2, or an Arrow stream."""
    try:
        import pyarrow as pa
    except ImportError:
        raise missing("Arrow") from None
    source = pa.PythonFile(ReaderFile(artifact.reader), "r")
    sampled = not sampling.full and artifact.reader.size > sampling.over
    with foreign("Arrow"):
        if artifact.reader.pread(0, 6) == b"ARROW1":
            file = pa.ipc.open_file(source)
            count = file.num_record_batches
            chosen = spread(count) if sampled else range(count)
            found = (file.get_batch(number) for number in chosen)
        else:
            file = pa.ipc.open_stream(source)
            every = enumerate(file)
            found = (one for n, one in every if not sampled or n < 2 or n % _EVERY == 0)
        yield from _metadata(file.schema.metadata)
        table = ArrowTable()
        first, size = 1, 0
        for batch in found:
            yield from _in_parts(table, batch, first, budget)
            first += batch.num_rows
            size += batch.nbytes
        yield from _ends(artifact, table)
        if sampled:
            yield Skipped("", min(size, artifact.reader.size), artifact.reader.size)


def _in_parts(table: ArrowTable, batch: Any, first: int, budget: Budget) -> Iterator[Piece]:
    batch.validate(full=True)
    for at in range(0, batch.num_rows, _ROWS):
        yield from _batch(table, batch.slice(at, _ROWS), first + at, budget)


def read_named_arrow(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the rows of an Arrow stream, which has no mark but its name."""
    from . import text

    if artifact.reader.pread(0, 4) == b"\xff\xff\xff\xff":
        yield from read_arrow(artifact, budget, sampling)
    else:
        yield from text.read(artifact, budget, sampling)


def read_orc(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the rows of an ORC file."""
    try:
        import pyarrow as pa
        from pyarrow import orc
    except ImportError:
        raise missing("ORC") from None
    sampled = not sampling.full and artifact.reader.size > sampling.over
    with foreign("ORC"):
        file = orc.ORCFile(pa.PythonFile(ReaderFile(artifact.reader), "r"))
        yield from _metadata(dict(file.metadata or {}))
        chosen = spread(file.nstripes) if sampled else range(file.nstripes)
        table = ArrowTable()
        first = 1
        for number in chosen:
            stripe = file.read_stripe(number)
            yield from _in_parts(table, stripe, first, budget)
            first += stripe.num_rows
        yield from _ends(artifact, table)
        if sampled:
            yield Skipped("", first - 1, file.nrows, "rows")


def read_feather(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the gap that a Feather file of version 1 leaves."""
    detail = "Feather files of version 1 are not read"
    yield Gap("unsupported", artifact.location(), detail, "write it as Parquet and scan that")
