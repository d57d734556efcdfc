"""Parquet, Arrow and ORC, through pyarrow where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...artifacts import Artifact
from ...errors import ParseError
from ...findings import Gap
from ...limits import KIB, MIB, Budget
from ..model import Piece, Skipped, Text
from . import Sampling
from .arrow_cells import ArrowTable
from .extras import ReaderFile, foreign, missing

_ROWS = 8 * KIB
_GROUPS = 8
_SAMPLED_ROWS = 320 * KIB
_LEAST_ROWS = 32 * KIB
_EVERY = 16
_MOST_STATISTICS = 100_000
_THRIFT_STRING = 100 * MIB
_THRIFT_ITEMS = 1_000_000
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
            file = pq.ParquetFile(
                pa.PythonFile(ReaderFile(artifact.reader), "r"),
                pre_buffer=False,
                thrift_string_size_limit=_THRIFT_STRING,
                thrift_container_size_limit=_THRIFT_ITEMS,
            )
            yield from _metadata(file.metadata.metadata)
            yield from _row_groups(artifact, file, budget, sampling)
    except ParseError as error:
        if "ncrypt" not in str(error.__cause__):
            raise
        yield Gap("encrypted", artifact.location(), "an encrypted Parquet file", _ENCRYPTED)


def _metadata(pairs: dict[bytes, bytes] | None) -> Iterator[Text]:
    parts = [
        b"%s: %s" % (key, value)
        for key, value in (pairs or {}).items()
        if key not in _KEYS_LEFT_OUT
    ]
    if parts:
        yield Text(b"\n".join(parts), "metadata", line=0)


def _row_groups(
    artifact: Artifact, file: Any, budget: Budget, sampling: Sampling
) -> Iterator[Piece]:
    count, total = file.num_row_groups, file.metadata.num_rows
    sampled = not sampling.full and artifact.reader.size > sampling.over
    chosen = spread(count) if sampled else list(range(count))
    most = max(_LEAST_ROWS, _SAMPLED_ROWS // max(len(chosen), 1))
    if sampled:
        yield from _statistics(file)
    table = ArrowTable()
    first = 1
    rows = 0
    for number in range(count):
        if number in chosen:
            at = first
            batches = file.iter_batches(_ROWS, row_groups=[number], use_threads=False)
            for batch in batches:
                yield from _batch(table, batch, at, budget)
                at += batch.num_rows
                if sampled and at - first >= most:
                    break
            rows += at - first
        first += file.metadata.row_group(number).num_rows
    yield from _ends(artifact, table)
    if sampled:
        yield Skipped("", rows, total, "rows")


def spread(count: int) -> list[int]:
    """Return which of so many parts are looked at: the first, the last and eight between."""
    if count <= _GROUPS + 2:
        return list(range(count))
    return sorted({round(step * (count - 1) / (_GROUPS + 1)) for step in range(_GROUPS + 2)})


def _statistics(file: Any) -> Iterator[Text]:
    """Yield the least and greatest strings of each column of each row group."""
    found: list[str] = []
    for number in range(file.num_row_groups):
        group = file.metadata.row_group(number)
        for index in range(group.num_columns):
            column = group.column(index)
            known = column.statistics
            if known is not None and known.has_min_max and isinstance(known.min, str):
                found += [f"{column.path_in_schema}: {known.min}",
                          f"{column.path_in_schema}: {known.max}"]  # fmt: skip
        if len(found) > _MOST_STATISTICS:
            break
    if found:
        yield Text("\n".join(found).encode("utf-8", "replace"), "statistics", line=0)


def _batch(table: ArrowTable, batch: Any, first: int, budget: Budget) -> Iterator[Piece]:
    """Yield a record batch after making sure that its buffers are what they claim."""
    budget.check_time()
    batch.validate(full=True)
    budget.spend_expanded(batch.nbytes + batch.num_rows, 1, 0)
    found = table.batch(batch, first)
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
