"""Parquet, Arrow, ORC, Avro and PDF, written by their own libraries."""

from __future__ import annotations

import datetime
import io
import random
import sys

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fpdf import FPDF
from pyarrow import orc

from sentinel.limits import DEFAULT_LIMITS, MIB
from sentinel.pii.model import Skipped
from sentinel.pii.scanner import Options, PiiScanner
from sentinel.pii.sources import Sampling
from sentinel.pii.sources.arrow_sizes import MOST, parts
from sentinel.pii.sources.avro_decode import long_at
from sentinel.pii.sources.columnar import spread
from sentinel.pii.sources.parquet_footer import row_groups
from sentinel.readers import MemoryReader
from tests.pii.reading import EMAILS, IBANS, PLANTED, batches, columns, gaps, missing, pieces, texts

ROWS = len(EMAILS)
TABLE = pa.table(
    {
        "mail": EMAILS,
        "iban": IBANS * 2,
        "card": [4111111111111111 + n for n in range(ROWS)],
        "phone": [float(4915112345000 + n) if n % 3 else None for n in range(ROWS)],
        "ratio": [n + 0.5 for n in range(ROWS)],
        "born": [datetime.date(1980, 1, 1)] * ROWS,
        "seen": [datetime.datetime(1999, 5, 6, 3, 4)] * ROWS,
        "messages": [[{"role": "user", "content": f"I am {mail}"}] for mail in EMAILS],
        "raw": [mail.encode() for mail in EMAILS],
        "bits": [b"\0\1\xff"] * ROWS,
        "flag": [True] * ROWS,
    }
)


def parquet(table: pa.Table = TABLE, **options: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=50, **options)
    return out.getvalue()


def arrow(*, stream: bool = False, compression: str | None = None) -> bytes:
    out = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(out, TABLE.schema, options=options) as writer:
        writer.write_table(TABLE)
    return out.getvalue()


def check(found: list[object]) -> None:
    made = columns(found)  # type: ignore[arg-type]
    assert gaps(found) == []  # type: ignore[arg-type]
    assert made["mail"] == EMAILS
    assert made["iban"] == IBANS * 2
    assert made["card"][0] == "4111111111111111"
    assert made["messages[].content"][5] == f"I am {EMAILS[5]}"


@pytest.mark.parametrize("compression", ["snappy", "none", "gzip", "zstd", "brotli"])
def test_parquet(compression: str) -> None:
    found = pieces(parquet(compression=compression), "a.parquet")
    check(found)
    made = columns(found)
    assert made["phone"][:2] == ["", "4915112345001"]
    assert made["born"][0] == "1980-01-01"
    assert made["seen"][0] == "1999-05-06"
    assert made["raw"] == EMAILS
    assert made["ratio"] == []
    assert [batch.first for batch in batches(found)] == [1, 51, 101, 151]


@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
@pytest.mark.parametrize("stream", [True, False])
def test_arrow(stream: bool, compression: str | None) -> None:
    check(pieces(arrow(stream=stream, compression=compression), "a.arrow"))


def test_orc() -> None:
    out = io.BytesIO()
    orc.write_table(TABLE.select(["mail", "iban", "card", "messages", "born"]), out)
    check(pieces(out.getvalue(), "a.orc"))


def test_other_types_of_text_columns() -> None:
    table = pa.table(
        {
            "d": pa.array(EMAILS).dictionary_encode(),
            "l": pa.array(EMAILS, pa.large_string()),
            "v": pa.array(EMAILS, pa.string_view()),
            "m": pa.array([[("k", mail)] for mail in EMAILS], pa.map_(pa.string(), pa.string())),
            "s": [{"inner": {"mail": mail}} for mail in EMAILS],
            "n": pa.array([None] * ROWS),
        }
    )
    out = io.BytesIO()
    with pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)
    made = columns(pieces(out.getvalue(), "a.feather"))
    for name in ("d", "l", "v", "m[]", "s.inner.mail"):
        assert made[name] == EMAILS


def test_key_value_metadata_is_text() -> None:
    table = TABLE.select(["mail"]).replace_schema_metadata({"owner": "owner@x.example.org"})
    found = pieces(parquet(table), "a.parquet")
    assert "owner@x.example.org" in next(
        text.data.decode() for text in texts(found) if text.path == "metadata"
    )


def test_a_sampled_parquet_file_says_what_it_left_out() -> None:
    out = io.BytesIO()
    table = pa.table({"mail": [f"m{n}@x.example.org" for n in range(5000)]})
    pq.write_table(table, out, row_group_size=100)
    found = pieces(out.getvalue(), "a.parquet", sampling=Sampling(over=1000))
    assert found[-1] == Skipped("", 1000, 5000, "rows")
    assert missing(found, ["m0@x.example.org", "m4999@x.example.org"]) == []
    known = next(batch for batch in batches(found) if batch.path == "statistics")
    assert known.columns[0][:2] == ["m0@x.example.org", "m9@x.example.org"]
    whole = pieces(out.getvalue(), "a.parquet", sampling=Sampling(over=1000, full=True))
    assert len(columns(whole)["mail"]) == 5000


def test_parts_are_spread() -> None:
    assert spread(3) == [0, 1, 2]
    chosen = spread(1000)
    assert (chosen[0], chosen[-1], len(chosen)) == (0, 999, 10)


@pytest.mark.parametrize("data", [parquet(), arrow(), arrow(stream=True)])
def test_cut_and_changed_files_break_nothing(data: bytes) -> None:
    for end in range(9, len(data), len(data) // 60):
        pieces(data[:end], "a.arrow")
    source = random.Random(4)
    for _ in range(150):
        changed = bytearray(data)
        for _ in range(3):
            changed[source.randrange(len(data))] = source.randrange(256)
        pieces(bytes(changed), "a.arrow")


def test_a_cut_parquet_file_is_a_gap_at_every_offset() -> None:
    data = parquet()
    for end in range(8, len(data), len(data) // 100):
        assert gaps(pieces(data[:end], "a.parquet")) == ["malformed"]


def test_encrypted_parquet_is_told() -> None:
    assert gaps(pieces(b"PARE" + bytes(100) + b"PARE", "a.parquet")) == ["encrypted"]


def test_a_parquet_bomb_is_bounded() -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"a": ["x" * 1000] * 100_000}), out)
    assert len(out.getvalue()) < 100_000
    limits = DEFAULT_LIMITS._replace(max_expanded=5_000_000)
    assert "limit" in gaps(pieces(out.getvalue(), "a.parquet", limits))


LONG = "x" * 1_000_000


def ipc(array: pa.Array) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_file(out, pa.schema([("a", array.type)])) as writer:
        writer.write_batch(pa.record_batch([array], ["a"]))
    return out.getvalue()


def views(count: int) -> pa.Array:
    """Return an array whose views all see the same text."""
    one = pa.array([LONG], pa.string_view())
    seen = pa.py_buffer(one.buffers()[1].to_pybytes() * count)
    return pa.Array.from_buffers(pa.string_view(), count, [None, seen, one.buffers()[2]])


@pytest.mark.parametrize(("data", "name"), [
    (parquet(pa.table({"a": pa.array([LONG]).dictionary_encode().take([0] * 300)})), "a.parquet"),
    (ipc(pa.array([LONG]).dictionary_encode().take(pa.array([0] * 300))), "a.arrow"),
    (ipc(pa.array([[LONG]]).flatten().dictionary_encode().take(pa.array([0] * 300))), "a.arrow"),
    (ipc(pa.RunEndEncodedArray.from_arrays([300], [LONG])), "a.arrow"),
    (ipc(views(300)), "a.arrow"),
])  # fmt: skip
def test_what_is_said_once_for_many_rows_is_spelled_out_in_parts(data: bytes, name: str) -> None:
    assert len(data) < 1_100_000
    limits = DEFAULT_LIMITS._replace(max_expanded=100 * MIB)
    found = pieces(data, name, limits)
    assert gaps(found) == ["limit"]
    assert sum(len(batch.columns[0]) for batch in batches(found)) <= 100
    assert all(len(batch.columns[0]) <= MOST // len(LONG) for batch in batches(found))


def test_parts_of_a_batch_come_in_order() -> None:
    values = pa.array([LONG, "short"]).dictionary_encode()
    batch = pa.record_batch([values.take(pa.array([1] * 200 + [0] * 100 + [1] * 5))], ["a"])
    made = list(parts(batch))
    assert [at for at, _, _ in made] == [
        sum(part.num_rows for _, _, part in made[:index]) for index in range(len(made))
    ]
    assert sum(part.num_rows for _, _, part in made) == 305
    assert all(size <= MOST for _, size, _ in made)
    assert len(made) < 12


def test_the_footer_is_read_as_pyarrow_reads_it() -> None:
    data = parquet()
    known = pq.ParquetFile(io.BytesIO(data)).metadata
    made = row_groups(MemoryReader(data))
    assert [group.rows for group in made] == [50] * 4
    assert [group.size for group in made] == [known.row_group(n).total_byte_size for n in range(4)]
    mail = next(chunk for chunk in made[1].chunks if chunk.path == "mail")
    assert mail.least == min(EMAILS[50:100]).encode()
    assert mail.greatest == max(EMAILS[50:100]).encode()
    assert mail.is_repeating
    assert "messages.list.element.content" in {chunk.path for chunk in made[0].chunks}
    assert row_groups(MemoryReader(data[:-1])) == row_groups(MemoryReader(b"")) == ()


def test_broken_footers_break_nothing() -> None:
    data, source = parquet(), random.Random(8)
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    for _ in range(300):
        changed = bytearray(data)
        for _ in range(3):
            changed[source.randrange(start, len(data))] = source.randrange(256)
        row_groups(MemoryReader(bytes(changed)))


def test_statistics_tell_of_columns_whose_rows_do_not() -> None:
    rows = [f"text {n}" for n in range(10_000)]
    rows[5_600] = "zz jo@acme-corp.com"  # row group 56, which is not looked at
    out = io.BytesIO()
    table = pa.table({"note": rows, "mail": ["jo@acme-corp.com"] * len(rows)})
    pq.write_table(table, out, row_group_size=100)
    options = Options(sampling=Sampling(over=1000))
    cut = PiiScanner(options).scan_bytes(out.getvalue(), "a.parquet")
    places = {(one.place.path, one.place.column) for one in cut.detections}
    assert places == {("", "mail"), ("statistics", "note")}


@pytest.mark.parametrize(("module", "data", "name"), [
    ("pyarrow", parquet(), "a.parquet"), ("pyarrow", arrow(), "a.arrow"),
    ("pypdfium2", b"%PDF-1.4\n\0", "a.pdf"),
])  # fmt: skip
def test_without_the_library_the_extra_is_named(
    module: str, data: bytes, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    (gap,) = pieces(data, name)
    assert gap.reason == "unsupported"  # type: ignore[union-attr]
    assert "sentinel-mlsecops[data]" in gap.hint  # type: ignore[union-attr]


SCHEMA = {
    "type": "record",
    "name": "User",
    "fields": [
        {"name": "mail", "type": ["null", "string"]},
        {"name": "card", "type": "long"},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["a", "b"]}},
        {"name": "hash", "type": {"type": "fixed", "name": "Hash", "size": 4}},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "more", "type": {"type": "map", "values": "string"}},
        {"name": "raw", "type": "bytes"},
        {"name": "next", "type": ["null", "User"]},
        {"name": "score", "type": "double"},
        {"name": "none", "type": "null"},
    ],
}


def user(number: int, follower: object = None) -> dict[str, object]:
    return {
        "mail": EMAILS[number] if number != 3 else None, "card": 4111111111111111 + number,
        "kind": "a", "hash": b"\0\1\2\3", "tags": ["x", IBANS[number % 100]],
        "more": {"k": EMAILS[3]}, "raw": b"raw@x.example.org", "next": follower, "score": 1.5,
        "none": None,
    }  # fmt: skip


def avro(codec: str = "null") -> bytes:
    out = io.BytesIO()
    records = [user(n, user(0) if n == 7 else None) for n in range(ROWS)]
    fastavro.writer(out, SCHEMA, records, codec=codec, metadata={"by": "by@x.example.org"})
    return out.getvalue()


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz", "zstandard"])
def test_avro(codec: str) -> None:
    found = pieces(avro(codec), "a.avro")
    assert gaps(found) == []
    assert missing(found, [*PLANTED, "raw@x.example.org", "by@x.example.org"]) == []
    made = columns(found)
    assert made["card"][:2] == ["4111111111111111", "4111111111111112"]
    assert made["next.mail"] == [EMAILS[0]]
    assert made["tags[]"][1] == IBANS[0]


def test_cut_and_changed_avro_files_break_nothing() -> None:
    data = avro("deflate")
    for end in range(4, len(data) - 1, len(data) // 60):
        assert gaps(pieces(data[:end], "a.avro")) == ["malformed"] or end < 16
    source = random.Random(6)
    for _ in range(150):
        changed = bytearray(data)
        for _ in range(3):
            changed[source.randrange(len(data))] = source.randrange(256)
        pieces(bytes(changed), "a.avro")


def number(value: int) -> bytes:
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def container(schema: bytes, block: bytes, count: int) -> bytes:
    head = b"Obj\1" + number(1) + number(11) + b"avro.schema" + number(len(schema)) + schema
    return head + b"\0" + b"m" * 16 + number(count) + number(len(block)) + block + b"m" * 16


@pytest.mark.parametrize(
    ("schema", "block", "count"),
    [
        (b'"null"', b"", 1 << 60),
        (b'{"type":"array","items":"null"}', number(1 << 60) + b"\0", 1),
        (b'{"type":"map","values":"null"}', number(1 << 60), 1),
        (b'{"type":"record","name":"R","fields":[{"name":"a","type":"R"}]}', b"", 1),
        (b'"string"', number(1 << 60), 1),
        (b'{"type":"fixed","name":"F","size":99999999999}', b"xx", 1),
        (b'{"type":"fixed","name":"F","size":0}', b"", 1 << 50),
        (b"[" * 100_000, b"", 1),
        (b'{"type":' * 300 + b'"int"' + b"}" * 300, b"\0", 1),
        (b'"nothing"', b"", 1),
        (b"7", b"", 1),
    ],
)
def test_hostile_avro_is_bounded(schema: bytes, block: bytes, count: int) -> None:
    assert gaps(pieces(container(schema, block, count), "a.avro"))[0] in ("malformed", "limit")


def test_numbers_of_avro() -> None:
    for value in (0, -1, 1, 63, -64, 64, 1 << 40, -(1 << 40), (1 << 63) - 1, -(1 << 63)):
        assert long_at(number(value), 0)[0] == value


def document(password: str = "") -> bytes:
    pdf = FPDF()
    pdf.set_title("About title@x.example.org")
    for start in range(0, len(PLANTED), 50):
        pdf.add_page()
        pdf.set_font("helvetica", size=8)
        for value in PLANTED[start : start + 50]:
            pdf.cell(0, 5, value, new_x="LMARGIN", new_y="NEXT")
    pdf.embed_file(bytes=b"in@attachment.example.org\n", basename="note.txt")
    if password:
        pdf.set_encryption("owner", user_password=password)
    return bytes(pdf.output())


def test_pdf() -> None:
    found = pieces(document(), "a.pdf")
    assert gaps(found) == []
    more = ["title@x.example.org", "in@attachment.example.org"]
    assert missing(found, [*PLANTED, *more]) == []
    assert {text.path for text in texts(found)} >= {"page/1", "page/6", "note.txt"}
    assert all(text.prose for text in texts(found) if text.path.startswith("page/"))


def test_an_encrypted_pdf_is_told() -> None:
    assert gaps(pieces(document("secret"), "a.pdf")) == ["encrypted"]


def test_cut_pdfs_break_nothing() -> None:
    data = document()
    for end in range(5, len(data), len(data) // 40):
        pieces(data[:end], "a.pdf")
    assert gaps(pieces(data[:200], "a.pdf")) == ["malformed"]
