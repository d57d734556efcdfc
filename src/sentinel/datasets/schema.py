"""A schema of pandera for the tables of a dataset: an extra, and never code.

Schemas are read from YAML or JSON, by pandera's own reader, which knows its built-in checks alone.
A schema written in Python would be run to be read, and is refused.
"""

from __future__ import annotations

import json
import os
from typing import Any, cast

from ..artifacts import Artifact
from ..errors import SettingsError, UnsupportedError, UsageError
from ..findings import Gap
from ..limits import GIB, MIB
from ..pii.sources.extras import ReaderFile, foreign
from ..rules.dataset_notes import Note
from .json_rows import LINES
from .notes import Notes

_EXTRA = "pip install 'sentinel-mlsecops[schema]'"
_ENDINGS = (".yaml", ".yml", ".json")
_MOST_SCHEMA = MIB
_MOST_DATA = GIB
_MOST_ROWS = 5_000_000
_LISTED = 10


def read_schema(path: str) -> Any:
    """Return the schema that a file holds, as a ``pandera`` schema.

    Args:
        path: A YAML or JSON file as ``pandera.io.to_yaml`` and ``to_json`` write them.

    Raises:
        UsageError: pandera is not installed, or the file is code.
        SettingsError: The file cannot be used.
    """
    if not path.lower().endswith(_ENDINGS):
        raise UsageError(f"{path}: a schema is YAML or JSON", "code would be run to be read")
    try:
        import yaml
        from pandera.io.pandas_io import deserialize_schema
    except ImportError:
        raise UsageError("--schema needs pandera, which is not installed", _EXTRA) from None
    try:
        if os.path.getsize(path) > _MOST_SCHEMA:
            raise SettingsError(f"{path}: a schema of more than {_MOST_SCHEMA} bytes")
        with open(path, encoding="utf-8") as file:
            text = file.read(_MOST_SCHEMA)
        found = json.loads(text) if path.lower().endswith(".json") else yaml.safe_load(text)
        if not isinstance(found, dict) or not isinstance(found.get("columns"), dict):
            raise SettingsError(f"{path}: no schema of pandera (there are no columns)")
        return deserialize_schema(found)
    except SettingsError:
        raise
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror or error}") from error
    except Exception as error:
        why = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise SettingsError(f"{path}: no schema of pandera ({why})") from error


def check_schema(artifact: Artifact, schema: Any, notes: Notes) -> bool:
    """Note where a table does not hold to a schema.

    Args:
        artifact: A CSV, TSV, JSON Lines or Parquet file; others are passed over.
        schema: See ``read_schema``.
        notes: Takes what fails.

    Returns:
        Whether the file is of a kind that is checked.

    Raises:
        UnsupportedError: The file is too large for it.
        ParseError: pandas cannot read it.
    """
    frame = _frame(artifact)
    if frame is None:
        return False
    if len(frame) >= _MOST_ROWS:
        detail = f"the schema was checked for the first {_MOST_ROWS} rows alone"
        notes.gaps.append(Gap("sampled", artifact.location(), detail))
    from pandera.errors import SchemaErrors

    try:
        with foreign("a table for the schema"):
            try:
                schema.validate(frame, lazy=True)
            except SchemaErrors as error:
                _failures(error.failure_cases, len(frame), notes)
    except RecursionError:
        raise UnsupportedError("the schema is nested too deep") from None
    return True


def _frame(artifact: Artifact) -> Any:
    leaf = artifact.leaf.lower()
    known = (".csv", ".tsv", ".parquet", *LINES)
    if not leaf.endswith(known):
        return None
    if artifact.reader.size > _MOST_DATA:
        raise UnsupportedError(f"schemas are not checked above {_MOST_DATA} bytes")
    import pandas

    file = cast("Any", ReaderFile(artifact.reader))
    with foreign("a table for the schema"):
        if leaf.endswith((".csv", ".tsv")):
            mark = "," if leaf.endswith(".csv") else "\t"
            return pandas.read_csv(file, sep=mark, nrows=_MOST_ROWS)
        if leaf.endswith(".parquet"):
            return pandas.read_parquet(file)
        return pandas.read_json(file, lines=True, nrows=_MOST_ROWS)


def _failures(cases: Any, total: int, notes: Notes) -> None:
    """Note each check that failed, with the rows; never the values."""
    for (column, check), rows in cases.groupby(["column", "check"], dropna=False):
        at = [int(row) + 1 for row in rows["index"] if row == row and row is not None]
        name = "" if column is None or column != column else str(column)
        says = f"the check {str(check)[:100]} fails"
        count = len(at) or len(rows)
        notes.add(Note("schema", says, "", count, total, tuple(at[:_LISTED]), column=name[:100]))
