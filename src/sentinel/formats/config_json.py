"""JSON that names code: Hydra, MONAI, Lightning, jsonpickle, sentence-transformers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ..errors import LimitExceeded
from ..readers import MemoryReader
from . import Member, Parsed
from .config_code import CUT, CodeName, ConfigCode, checked, not_read

_MOST_VALUES = 2_000_000
_MOST_EXPRESSIONS = 2_000
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.\w+)+\Z")
_ACTIVATIONS = re.compile(r"(?:default_)?activation_f(?:n|unction)\Z")
_REFERENCE = re.compile(r"[@%][\w:#./+-]+")
_PRELUDE = "import os, sys, subprocess, monai, torch, numpy as np\n"
_PICKLED = {
    "py/object": "class", "py/reduce": "apply", "py/function": "name", "py/type": "name",
    "py/class": "name", "py/repr": "text", "py/mod": "module",
}  # fmt: skip


class Pairs(NamedTuple):
    """An object of JSON with all of its pairs, those of the same key included."""

    items: list[tuple[str, object]]


def read_json(data: bytes, leaf: str = "") -> Parsed:
    """Return what a JSON text names.

    Args:
        data: The text.
        leaf: The file's name, lower case; ``modules.json`` is read as sentence-transformers does.

    Raises:
        ParseError: It is no JSON.
        LimitExceeded: It holds more than is read.
    """
    if data.count(b"{") + data.count(b"[") > _MOST_VALUES:
        raise LimitExceeded("the configuration holds more values than are read")
    try:
        document = json.loads(data, object_pairs_hook=Pairs)
    except (ValueError, RecursionError) as error:
        raise not_read("JSON", error) from error
    reader = _Reader(leaf == "modules.json")
    reader.read(document)
    if leaf == "model_index.json" and isinstance(document, Pairs):
        reader.components(document)
    return Parsed(ConfigCode("json", checked(reader.names)), expressions(reader.expressions))


def expressions(found: list[str]) -> list[Member]:
    """Return the expressions that MONAI evaluates as one source, a line each.

    Args:
        found: Their texts, without the dollar sign.

    Raises:
        LimitExceeded: There are more than 2,000.
    """
    if not found:
        return []
    if len(found) > _MOST_EXPRESSIONS:
        raise LimitExceeded(f"more than {_MOST_EXPRESSIONS} expressions in a configuration")
    lines = [_REFERENCE.sub("_", text).replace("\n", " ").replace("\r", " ") for text in found]
    whole = "\n".join(line for line in lines if is_python(line))
    data = (_PRELUDE + whole).encode("utf-8", "replace")
    return [Member(0, "expressions", partial(MemoryReader, data), ("model-source",))]


def is_python(line: str) -> bool:
    """Return True for text that Python can parse.

    Args:
        line: The text.
    """
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(line)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return False
    return True


class _Reader:
    def __init__(self, modules: bool) -> None:
        self.names: list[CodeName] = []
        self.expressions: list[str] = []
        self._modules = modules

    def read(self, document: object) -> None:
        """Walk the document without recursion."""
        pending = [document]
        while pending:
            item = pending.pop()
            if isinstance(item, Pairs):
                for key, value in item.items:
                    self._pair(key, value, item)
                pending += [value for _, value in reversed(item.items)]
            elif isinstance(item, list):
                pending += reversed(item)
            elif isinstance(item, str) and item.startswith("$") and len(item) > 1:
                self.expressions.append(item[1:])

    def components(self, document: Pairs) -> None:
        """Take the parts of a pipeline of diffusers: each is a library or file, and a class."""
        for key, value in document.items:
            if isinstance(value, list) and len(value) == 2 and not key.startswith("_diff"):
                module, name = value
                if isinstance(module, str) and isinstance(name, str) and module and name:
                    self._add("class", key, f"{module}.{name}", document)

    def _pair(self, key: str, value: object, owner: Pairs) -> None:
        if key in _PICKLED:
            self._pickled(key, value, owner)
        elif key == "types" and isinstance(value, Pairs):
            self._routes(value, owner)
        elif not isinstance(value, str):
            return
        elif key == "_instantiator":
            self._add("target", key, value, owner)
        elif key == "parent_library":
            self._mapped(value, owner)
        elif key == "_target_" or (key == "class_path" and _DOTTED.match(value)):
            self._add("target", key, value, owner)
        elif (self._modules and key == "type") or (
            (key == "tokenizer_class" or _ACTIVATIONS.match(key)) and _DOTTED.match(value)
        ):
            self._add("class", key, value, owner)

    def _routes(self, types: Pairs, owner: Pairs) -> None:
        """Take the modules of a router of sentence-transformers: it imports them by name."""
        if any(key == "structure" for key, _ in owner.items):
            for key, value in types.items:
                if isinstance(value, str):
                    self._add("class", f"types.{key}", value, types)

    def _mapped(self, library: str, owner: Pairs) -> None:
        """Take what PEFT's ``auto_mapping`` names: a module to import, and a class in it."""
        for key, value in owner.items:
            if key == "base_model_class" and isinstance(value, str):
                self._add("class", "auto_mapping", f"{library}.{value}", owner)

    def _pickled(self, key: str, value: object, owner: Pairs) -> None:
        if isinstance(value, str):
            self._add(_PICKLED[key], key, value, owner)
            return
        if key != "py/reduce":
            return
        items = value if isinstance(value, list) else []
        if not items and isinstance(value, Pairs):  # {"py/tuple": [..]} around it
            items = next((one for _, one in value.items if isinstance(one, list)), [])
        called = items[0] if items else None
        if isinstance(called, Pairs):
            for name, one in called.items:
                if name in ("py/type", "py/function", "py/class") and isinstance(one, str):
                    self._add("apply", key, one, owner)

    def _add(self, how: str, key: str, name: str, owner: Pairs) -> None:
        words = list(_texts(owner, name))
        self.names.append(CodeName(how, key, name[:CUT], None, " ".join(words)[:CUT]))


def _texts(owner: Pairs, name: str) -> Iterator[str]:
    """Yield a few texts that stand beside a name."""
    pending: list[object] = [owner]
    for _ in range(40):
        if not pending:
            return
        item = pending.pop(0)
        if isinstance(item, Pairs):
            pending += [value for key, value in item.items[:20] if not key.startswith("py/id")]
        elif isinstance(item, list):
            pending += item[:20]
        elif isinstance(item, str) and item != name:
            yield item[:100]
