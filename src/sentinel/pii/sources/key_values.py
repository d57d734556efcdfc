"""Names and values that stand apart: a secret is one by the name beside it.

A row of a table of settings, two strings of a pickle and a pair of a model's header come to the
search as an assignment, which its rules know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..files.model import is_secret_name
from ..model import Batch, Text

_NAME = re.compile(rb"[A-Za-z_][\w.:/ -]{2,79}")
_LONGEST = 4_096
_WIDEST = 64  # columns: a table of settings has few
_NAMES = frozenset({
    "key", "name", "setting", "setting_name", "param", "parameter", "option", "option_name",
    "config", "config_key", "variable", "property", "conf_key",
})  # fmt: skip
_VALUES = frozenset({
    "value", "val", "setting_value", "param_value", "option_value", "config_value", "conf_value",
})  # fmt: skip


def assignment(name: bytes, value: bytes) -> bytes:
    """Return a value as text, assigned to its name where that names a secret.

    Args:
        name: What is in front of it; any text.
        value: The text of the value.
    """
    if not 0 < len(value) <= _LONGEST or not _names_secret(name):
        return value
    quote = b"'" if b'"' in value else b'"'
    return name.replace(b" ", b"_") + b": " + quote + value + quote


def _names_secret(name: bytes) -> bool:
    if len(name) > 80 or _NAME.fullmatch(name) is None:
        return False
    return is_secret_name(name.decode("ascii", "replace"))


def settings(batch: Batch) -> Iterator[Text]:
    """Yield the rows of a table of names and values that are called like secrets."""
    if len(batch.names) > _WIDEST:
        return
    names = [name.strip().lower().rpartition(".")[2] for name in batch.names]
    left = next((at for at, name in enumerate(names) if name in _NAMES), None)
    right = next((at for at, name in enumerate(names) if name in _VALUES), None)
    if left is None or right is None or max(left, right) >= len(batch.columns):
        return
    lines = batch.lines
    for row, (name, value) in enumerate(
        zip(batch.columns[left], batch.columns[right], strict=False)
    ):
        if not value or not name or len(name) > 80 or len(value) > _LONGEST:
            continue
        key = name.encode("utf-8", "replace")
        if _names_secret(key):
            line = lines[row] if row < len(lines) else 0
            data = assignment(key, value.encode("utf-8", "replace"))
            yield Text(data, batch.path, line=line)
