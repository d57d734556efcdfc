"""Pickles, NumPy arrays and SQLite databases."""

from __future__ import annotations

import io
import pickle
import random
import sqlite3
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import torch

from sentinel.limits import DEFAULT_LIMITS
from sentinel.pii.sources import Sampling
from sentinel.readers import open_file
from tests.pii.reading import EMAILS, IBANS, PLANTED, batches, columns, gaps, missing, pieces, texts

OBJECTS = {
    "list": PLANTED,
    "keys": {value: number for number, value in enumerate(PLANTED)},
    "bytes": [value.encode() for value in PLANTED],
    "unicode array": np.array(PLANTED),
    "bytes array": np.array([value.encode() for value in PLANTED]),
    "object array": np.array(PLANTED, dtype=object),
    "long": "x " * 100_000 + " ".join(PLANTED),
    "mixed": {"w": np.arange(100_000, dtype="f8"), "s": PLANTED, "n": [1 << 200, 1.5, None, -7]},
}


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("kind", OBJECTS)
def test_strings_of_pickles_come_out(kind: str, protocol: int) -> None:
    found = pieces(pickle.dumps(OBJECTS[kind], protocol), "a.pkl")
    assert missing(found) == []
    assert gaps(found) == []


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("lzma", 3), ("bz2", 3)])
def test_joblib_files(compress: object, tmp_path: Path) -> None:
    path = tmp_path / "a.joblib"
    joblib.dump(OBJECTS["mixed"], path, compress=compress)
    assert missing(pieces(path.read_bytes(), "a.joblib")) == []


@pytest.mark.parametrize("new", [True, False])
def test_torch_files(new: bool) -> None:
    out = io.BytesIO()
    model = {"w": torch.rand(5000), "note": PLANTED}
    torch.save(model, out, _use_new_zipfile_serialization=new)
    found = pieces(out.getvalue(), "a.pt")
    assert missing(found) == []
    assert gaps(found) == []


def test_arrow_strings_in_a_pickle_are_told_as_not_read() -> None:
    out = io.BytesIO()
    pd.DataFrame({"mail": EMAILS}).to_pickle(out)
    found = pieces(out.getvalue(), "a.pkl")
    assert gaps(found) == ["unsupported"]
    assert EMAILS[0] not in "".join(text.data.decode() for text in texts(found))


def test_object_strings_of_a_table_are_read() -> None:
    out = io.BytesIO()
    pd.DataFrame({"m": pd.Series(EMAILS, dtype=object), "n": range(200)}).to_pickle(out)
    found = pieces(out.getvalue(), "a.pkl")
    assert missing(found, EMAILS) == []
    assert gaps(found) == []


@pytest.mark.parametrize("name", ["a.pkl", "a.joblib"])
def test_a_text_with_the_name_of_a_pickle_is_a_text(name: str) -> None:
    assert missing(pieces(b"mail: jo@x.example.org\n", name), ["jo@x.example.org"]) == []


def test_cut_and_changed_pickles_break_nothing() -> None:
    data = pickle.dumps({"a": PLANTED[:20], "b": np.array(PLANTED[:20])})
    for end in range(2, len(data), len(data) // 60):
        assert gaps(pieces(data[:end], "a.pkl"))
    source = random.Random(3)
    for _ in range(200):
        changed = bytearray(data)
        for _ in range(3):
            changed[source.randrange(len(data))] = source.randrange(256)
        pieces(bytes(changed), "a.pkl")


def saved(*arrays: np.ndarray) -> bytes:
    out = io.BytesIO()
    for array in arrays:
        np.save(out, array)
    return out.getvalue()


@pytest.mark.parametrize(
    "array",
    [
        np.array(PLANTED),
        np.array(PLANTED).astype(">U60"),
        np.array([value.encode() for value in PLANTED]),
        np.array(PLANTED).reshape(150, 2),
        np.asfortranarray(np.array(PLANTED).reshape(150, 2)),
        np.array(PLANTED, dtype=object),
        np.array(PLANTED * 100),
        np.array([(value, 1, value) for value in PLANTED],
                 dtype=[("a", "U60"), ("n", "i8"), ("b", "S60")]),
        np.array([([value, "x"],) for value in PLANTED], dtype=[("a", "U60", (2,))]),
    ],
)  # fmt: skip
def test_text_in_arrays_comes_out(array: np.ndarray) -> None:
    found = pieces(saved(array), "a.npy")
    assert missing(found) == []
    assert gaps(found) == []


def test_arrays_that_follow_one_another_and_archives_of_them() -> None:
    assert missing(pieces(saved(np.arange(5), np.array(PLANTED)), "a.npy")) == []
    out = io.BytesIO()
    np.savez_compressed(out, mails=np.array(PLANTED), n=np.random.rand(99))
    found = pieces(out.getvalue(), "a.npz")
    assert missing(found) == []
    assert gaps(found) == []
    assert batches(found)[0].path == "mails.npy"


def test_numbers_give_nothing() -> None:
    assert pieces(saved(np.random.rand(1000)), "a.npy") == []


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (b"{'descr': '<U99999999', 'fortran_order': False, 'shape': (10,), }",
         ["limit", "truncated"]),
        (b"{'descr': '<U1', 'fortran_order': False, 'shape': (9999999999999,), }", ["truncated"]),
        # Nothing of no size is text, so that the rest is read as it is.
        (b"{'descr': [('a', [('b', 'U', (4096,))], (4096,))], 'fortran_order': 0, 'shape': ()}",
         []),
        (b"{'descr': ('|i1', (4096,)), 'fortran_order': False, 'shape': (1, 0)}", []),
        (b"{'descr': __import__('os'), 'shape': ()}", ["malformed"]),
        (b"{" * 500, ["malformed"]),
        (b"", ["malformed"]),
    ],
)  # fmt: skip
def test_hostile_headers_are_bounded(header: bytes, told: list[str]) -> None:
    data = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"abcd" * 100
    assert gaps(pieces(data, "a.npy")) == told
    for end in range(6, 30):
        assert gaps(pieces(data[:end], "a.npy")) == ["malformed"]


def database(path: Path, *, wal: bool = False) -> bytes:
    connection = sqlite3.connect(path)
    if wal:
        connection.execute("pragma journal_mode = wal")
    connection.execute("create table users (id integer primary key, mail text, iban text, n real)")
    connection.execute('create table "odd ""name" (b blob, c)')
    connection.execute("create view v as select load_extension('x') from users")
    connection.execute("create virtual table words using fts5 (body)")
    connection.execute("insert into words values ('full@x.example.org')")
    connection.executemany(
        "insert into users (mail, iban) values (?, ?)",
        [(mail, IBANS[number % 100]) for number, mail in enumerate(EMAILS)],
    )
    connection.execute('insert into "odd ""name" values (?, 4111111111111111)', (b"blob@x.org",))
    connection.execute("create trigger t after insert on users begin select randomblob(9); end")
    connection.commit()
    connection.close()
    return path.read_bytes()


@pytest.mark.parametrize("wal", [False, True])
def test_tables_of_a_database_come_out(wal: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    data = database(path, wal=wal)
    found = pieces(data, "a.db")
    assert gaps(found) == []
    assert missing(found, [*PLANTED, "full@x.example.org", "blob@x.org", "4111111111111111"]) == []
    assert columns(found)["mail"] == EMAILS
    with open_file(path) as reader:
        assert pieces(reader, str(path)) == found


def test_a_large_database_is_read_from_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentinel.pii.sources.sqlite._IN_MEMORY", 1000)
    monkeypatch.setattr("sentinel.pii.sources.sqlite._SAMPLED", 50)
    path = tmp_path / "a ?#%.db"
    data = database(path)
    with open_file(path) as reader:
        found = pieces(reader, str(path), sampling=Sampling(over=100))
    skipped = [piece for piece in found if type(piece).__name__ == "Skipped"]
    assert [(piece.read, piece.total, piece.unit) for piece in skipped] == [(50, 200, "rows")]
    assert gaps(pieces(data, "a.db")) == ["unsupported"]


def test_a_blob_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.execute("create table t (b blob)")
    connection.executemany("insert into t values (?)", [(random.Random(1).randbytes(99),)] * 3)
    connection.commit()
    connection.close()
    assert gaps(pieces(path.read_bytes(), "a.db")) == ["unsupported"]


def test_broken_databases_are_gaps(tmp_path: Path) -> None:
    data = database(tmp_path / "a.db")
    for end in range(16, len(data), len(data) // 30):
        pieces(data[:end], "a.db")
    assert gaps(pieces(data[:1000], "a.db"))
    source = random.Random(5)
    for _ in range(150):
        changed = bytearray(data)
        for _ in range(20):
            changed[source.randrange(16, len(data))] = source.randrange(256)
        pieces(bytes(changed), "a.db")


def test_time_runs_out_in_a_database(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.execute("create table t (a)")
    connection.executemany("insert into t values (?)", (("x" * 9,) for _ in range(200_000)))
    connection.commit()
    connection.close()
    found = pieces(path.read_bytes(), "a.db", DEFAULT_LIMITS._replace(timeout=0.0))
    assert gaps(found) == ["limit"]
