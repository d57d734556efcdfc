"""Secrets whose names are beside them: in tables of settings, pickles, headers of models."""

from __future__ import annotations

import io
import pickle
import sqlite3
import struct
from pathlib import Path
from random import Random
from string import ascii_letters

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentinel.pii import PiiScanner
from sentinel.pii.sources.key_values import assignment

VALUE = "k7Rq2ZtV9xLw4NbYs8" + "Jd3MfZ3"
DIGEST = "4098f870255290cf5fe7d01899b4040f" + "d5b2f8f0"


@pytest.fixture(scope="module")
def scanner() -> PiiScanner:
    return PiiScanner()


def types(scanner: PiiScanner, data: bytes, name: str) -> set[str]:
    return {found.info_type for found in scanner.scan_bytes(data, name).detections}


def _sqlite(folder: Path, rows: list[tuple[str, str]]) -> bytes:
    path = folder / f"{len(rows)}-{rows[0][0]}.db"
    with sqlite3.connect(path) as base:
        base.execute("create table params (key text, value text, run_uuid text)")
        base.executemany("insert into params values (?, ?, 'r1')", rows)
    base.close()
    return path.read_bytes()


def _parquet(rows: list[tuple[str, str]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"key": [k for k, _ in rows], "value": [v for _, v in rows]}), out)
    return out.getvalue()


def test_a_table_of_settings(scanner: PiiScanner, tmp_path: Path) -> None:
    for name, expected in (("aws_secret_token", True), ("run_uuid", False), ("pad_token", False)):
        rows = [(name, VALUE), ("lr", "0.001"), ("model", "bert-base-uncased")]
        lines = "".join(f"{key},{value}\n" for key, value in rows)
        for data, file in (
            (_sqlite(tmp_path, rows), "mlflow.db"),
            (_parquet(rows), "a.parquet"),
            (f"key,value\n{lines}".encode(), "a.csv"),
        ):
            assert ("GENERIC_SECRET" in types(scanner, data, file)) is expected, (name, file)


def test_the_line_of_a_setting_is_told(scanner: PiiScanner) -> None:
    data = f"name,value\nlr,1\nDB_PASSWORD,{VALUE}\n".encode()
    (found,) = scanner.scan_bytes(data, "a.csv").detections
    assert found.place.line == 3


@pytest.mark.parametrize("protocol", range(6))
def test_strings_of_a_pickle_are_known_by_the_one_before(
    scanner: PiiScanner, protocol: int
) -> None:
    secret = {"output_dir": "x", "db": {"password": VALUE, "user": "a"}, "lr": 0.1}
    assert types(scanner, pickle.dumps(secret, protocol), "args.pkl") == {"GENERIC_SECRET"}
    typed = {"wandb_api_key": DIGEST}
    assert types(scanner, pickle.dumps(typed, protocol), "args.pkl") == {"WANDB_KEY"}
    plain = {"output_dir": "x", "commit": DIGEST, "run": {"name": VALUE}, "pad_token": "[PAD]"}
    assert not types(scanner, pickle.dumps(plain, protocol), "args.pkl")


def _gguf(key: str, value: str) -> bytes:
    parts = [struct.pack("<Q", len(text)) + text.encode() for text in (key, value)]
    pair = parts[0] + struct.pack("<I", 8) + parts[1]
    return b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + pair + bytes(32)


def test_a_pair_of_a_model_header(scanner: PiiScanner) -> None:
    assert types(scanner, _gguf("training.api_key", VALUE), "a.gguf") == {"GENERIC_SECRET"}
    assert not types(scanner, _gguf("training.api_key", "${API_KEY}"), "a.gguf")
    assert not types(scanner, _gguf("general.uuid", VALUE), "a.gguf")


def _onnx(key: str, value: str) -> bytes:
    def part(number: int, data: bytes) -> bytes:
        return bytes((number << 3 | 2, len(data))) + data

    pair = part(1, key.encode()) + part(2, value.encode())
    return b"\x08\x08" + part(7, part(2, b"g")) + part(14, pair)


def test_a_pair_of_an_onnx_model(scanner: PiiScanner) -> None:
    assert types(scanner, _onnx("db_password", "Monsoon_2219"), "a.onnx") == {"GENERIC_SECRET"}
    assert not types(scanner, _onnx("db_password", "changeme"), "a.onnx")
    assert not types(scanner, _onnx("run_name", "Monsoon_2219"), "a.onnx")


def test_only_names_of_secrets_become_assignments() -> None:
    assert assignment(b"db_password", b"v") == b'db_password: "v"'
    assert assignment(b"db password", b'a"b') == b"db_password: 'a\"b'"
    for name in (b"", b"model", b"x" * 90 + b"token", b"a\npassword", b"\xffpassword"):
        assert assignment(name, b"v") == b"v", name
    assert assignment(b"password", b"v" * 5_000) == b"v" * 5_000


def test_columns_of_passwords(scanner: PiiScanner) -> None:
    people = [f"host{n}.corp.net,root,Cobalt#{n}7{n}2" for n in range(1, 5)]
    data = "\n".join(["host,user,pass", *people]).encode()
    assert "GENERIC_SECRET" in types(scanner, data, "a.csv")
    walks = "\n".join(["trail,level,pass", *(f"t{n},2,Brenner{n}" for n in range(1, 5))])
    assert "GENERIC_SECRET" not in types(scanner, walks.encode(), "a.csv")
    rng = Random(6)
    hashes = [f"{n},$2b$12$" + "".join(rng.choices(ascii_letters, k=53)) for n in range(15)]
    for name in ("password_hash", "password", "hash"):
        table = "\n".join([f"id,{name}", *hashes]).encode()
        assert "PASSWORD_HASH" in types(scanner, table, "a.csv"), name
    commits = [f"{n},{rng.randbytes(20).hex()}" for n in range(5)]
    assert not types(scanner, "\n".join(["id,hash", *commits]).encode(), "a.csv")
