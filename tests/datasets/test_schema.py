"""Schemas of pandera: an extra, from YAML or JSON, and never code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from sentinel.datasets import validate
from sentinel.errors import SettingsError, UsageError

SCHEMA = """
schema_type: dataframe
version: 0.24.0
columns:
  score:
    dtype: int64
    nullable: false
    checks:
      less_than: 5
    unique: false
    coerce: false
    required: true
    regex: false
checks: null
index: null
coerce: false
strict: false
"""
DATA = b"id,score\n" + b"".join(b"%d,%d\n" % (n, n % 4) for n in range(40))


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "schema.yaml"
    path.write_text(SCHEMA)
    return path


def rows_of(path: Path, schema: Path) -> list[object]:
    found = validate(path, schema=schema).findings
    return [one.facts["rows"] for one in found if one.rule_id == "SNT2030"]


def test_rows_that_break_it_are_counted(tmp_path: Path, schema: Path) -> None:
    pytest.importorskip("pandera")
    path = tmp_path / "a.csv"
    path.write_bytes(DATA + b"40,9\n")
    assert rows_of(path, schema) == [[41]]
    path.write_bytes(DATA)
    assert rows_of(path, schema) == []


def test_a_schema_in_json(tmp_path: Path, schema: Path) -> None:
    pytest.importorskip("pandera")
    import yaml

    other = tmp_path / "schema.json"
    other.write_text(json.dumps(yaml.safe_load(SCHEMA)))
    path = tmp_path / "a.jsonl"
    path.write_text('{"score": 1}\n{"score": 7}\n')
    assert rows_of(path, other) == [[2]]


def test_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "schema.py"
    path.write_text("raise SystemExit('run')")
    with pytest.raises(UsageError, match="YAML or JSON"):
        validate(tmp_path, schema=path)


@pytest.mark.parametrize(
    "text", ["!!python/object/apply:os.system ['true']", "[1, 2]", "columns: 3", "{", ""]
)
def test_what_is_no_schema_is_refused(tmp_path: Path, text: str) -> None:
    pytest.importorskip("pandera")
    path = tmp_path / "schema.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"schema\.yaml"):
        validate(tmp_path, schema=path)


def test_without_pandera_the_extra_is_named(schema: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "pandera"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "pandera", None)
    with pytest.raises(UsageError) as raised:
        validate(schema.parent, schema=schema)
    assert "[schema]" in raised.value.hint
