"""ONNX in its other forms: the JSON and the text form of protocol buffers, and ONNX's own syntax.

``onnx.load`` takes these by the ending of the name (``.json``, ``.onnxjson``, ``.textproto``,
``.prototxt``, ``.pbtxt``, ``.onnxtxt``, ``.onnxtext``). The first two are turned into the binary
form and read as that; numbers of weights are replaced by zeros. The third is not read. Names and
numbers of fields: ``onnx.proto`` of ONNX 1.23.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError, UnsupportedError
from ..limits import Budget
from ..readers import MemoryReader
from . import Member, Parsed
from .tf_text import unescaped

_MOST_DEPTH = 100
_MOST_VALUES = 2_000_000
_JSON = re.compile(rb'"(?:irVersion|ir_version|opsetImport|opset_import)"\s*:')
_OPERATOR = re.compile(rb'"op_?[tT]ype"\s*:\s*"')
_GRAPH = re.compile(rb'"(?:graph|functions)"\s*:\s*[{\[]')
_TEXT = re.compile(rb"(?m)^\s*(?:ir_version\s*:|opset_import\s*:?\s*[{<]|graph\s*:?\s*[{<])")
_SYNTAX = re.compile(rb"\A\s*<[^<>]*\bir_version\s*:")
_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"""|(?P<word>[\w.+-]+)|(?P<mark>.)"""
)
_CAMEL = re.compile(r"([a-z0-9])([A-Z])")
_ENUMS = {"DEFAULT": 0, "EXTERNAL": 1, "FLOAT": 1, "INT": 2, "STRING": 3, "TENSOR": 4, "GRAPH": 5}
_PAIR = {"key": (1, ""), "value": (2, "")}
_TENSOR = {
    "dims": (1, "n"), "data_type": (2, "n"), "float_data": (4, "4"), "int32_data": (5, "n"),
    "string_data": (6, "b"), "int64_data": (7, "n"), "name": (8, ""), "raw_data": (9, "b"),
    "double_data": (10, "8"), "doc_string": (12, ""), "external_data": (13, "pair"),
    "data_location": (14, "n"), "metadata_props": (16, "pair"),
}  # fmt: skip
_FIELDS: dict[str, dict[str, tuple[int, str]]] = {
    "pair": _PAIR,
    "tensor": _TENSOR,
    "opset": {"domain": (1, ""), "version": (2, "n")},
    "value": {"name": (1, "")},
    "sparse": {"values": (1, "tensor"), "indices": (2, "tensor"), "dims": (3, "n")},
    "attribute": {
        "name": (1, ""), "i": (3, "n"), "s": (4, "b"), "t": (5, "tensor"), "g": (6, "graph"),
        "ints": (8, "n"), "strings": (9, "b"), "tensors": (10, "tensor"), "graphs": (11, "graph"),
        "doc_string": (13, ""), "type": (20, "n"), "ref_attr_name": (21, ""),
        "sparse_tensor": (22, "sparse"), "sparse_tensors": (23, "sparse"),
    },
    "node": {
        "input": (1, ""), "output": (2, ""), "name": (3, ""), "op_type": (4, ""),
        "attribute": (5, "attribute"), "doc_string": (6, ""), "domain": (7, ""),
        "overload": (8, ""), "metadata_props": (9, "pair"),
    },
    "graph": {
        "node": (1, "node"), "name": (2, ""), "initializer": (5, "tensor"), "doc_string": (10, ""),
        "input": (11, "value"), "output": (12, "value"), "value_info": (13, "value"),
        "sparse_initializer": (15, "sparse"), "metadata_props": (16, "pair"),
    },
    "function": {
        "name": (1, ""), "input": (4, ""), "output": (5, ""), "attribute": (6, ""),
        "node": (7, "node"), "doc_string": (8, ""), "opset_import": (9, "opset"),
        "domain": (10, ""), "overload": (13, ""), "metadata_props": (14, "pair"),
    },
    "training": {"initialization": (1, "graph"), "algorithm": (2, "graph")},
    "model": {
        "ir_version": (1, "n"), "producer_name": (2, ""), "producer_version": (3, ""),
        "domain": (4, ""), "model_version": (5, "n"), "doc_string": (6, ""), "graph": (7, "graph"),
        "opset_import": (8, "opset"), "metadata_props": (14, "pair"),
        "training_info": (20, "training"), "functions": (25, "function"),
    },
}  # fmt: skip
"""Fields of each message: number, and what they hold (``n`` a number, ``b`` bytes, ``4`` and ``8``
numbers that are left out, the name of a message, or text)."""


class OnnxForm(NamedTuple):
    """In which form a model is written: ``JSON`` or ``text``."""

    form: str


def looks_like_form(artifact: Artifact, head: bytes) -> bool:
    """Return True for a model of ONNX in one of its forms of text."""
    if b"\0" in head:
        return False
    if head.lstrip()[:1] == b"{":
        data = artifact.reader.pread(0, 1 << 20)
        return bool(_GRAPH.search(data)) and (
            bool(_JSON.search(head)) or (b'"op' in data and bool(_OPERATOR.search(data)))
        )
    if _SYNTAX.match(head):
        return True
    return bool(_TEXT.search(head)) and b"op_type" in artifact.reader.pread(0, 1 << 20)


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Turn a model into the binary form.

    Returns:
        An ``OnnxForm``, and the binary form as a member.

    Raises:
        ParseError: It is neither JSON nor the text form.
        UnsupportedError: It is in ONNX's own syntax.
        LimitExceeded: It is longer than text may be, or nested too deeply.
    """
    most = budget.limits.max_text
    if artifact.reader.size > most:
        raise LimitExceeded(f"a text of more than {most} bytes is not read")
    raw = artifact.reader.pread(0, artifact.reader.size)
    if _SYNTAX.match(raw):
        raise UnsupportedError("ONNX's own syntax is not read")
    form = "JSON" if raw.lstrip()[:1] == b"{" else "text"
    try:
        fields = _from_json(json.loads(raw)) if form == "JSON" else _from_text(raw, budget)
        data = _encode(fields, "model", form, 0)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not the {form} form of a model ({type(error).__name__})") from error
    member = Member(0, "binary form", partial(MemoryReader, data), ("onnx",))
    return Parsed(OnnxForm(form), [member])


_Pairs = list[tuple[str, object]]


def _from_json(value: object, depth: int = 0) -> _Pairs:
    """Return the fields of an object, each item of a list as one, under their names in the text."""
    if not isinstance(value, dict) or depth > _MOST_DEPTH:
        raise LimitExceeded("messages nested too deeply") if depth else ParseError("no object")
    found: _Pairs = []
    for key, held in value.items():
        name = _CAMEL.sub(r"\1_\2", key).lower()
        for item in held if isinstance(held, list) else (held,):
            found.append((name, _from_json(item, depth + 1) if isinstance(item, dict) else item))
    return found


def _from_text(raw: bytes, budget: Budget) -> _Pairs:
    frames: list[_Pairs] = [[]]
    field, joins = "", False
    for count, match in enumerate(_TOKEN.finditer(raw.decode("utf-8", "replace"))):
        if not count & 0xFFFF:
            budget.check_time()
        if count > 20 * _MOST_VALUES or len(frames) > _MOST_DEPTH:
            raise LimitExceeded("a text of too many values, or nested too deeply")
        mark = match["mark"]
        if match["text"] is not None:
            text = unescaped(match["text"][1:-1])
            text = str(frames[-1].pop()[1]) + text if joins and frames[-1] else text
            frames[-1].append((field, text))
            joins = True
        elif match["word"]:
            joins = False
            if _follows(raw, match):
                field = match["word"]
            else:
                frames[-1].append((field, match["word"]))
        elif mark in ("{", "<"):
            inner: _Pairs = []
            frames[-1].append((field, inner))
            frames.append(inner)
            joins = False
        elif mark in ("}", ">"):
            if len(frames) == 1:
                raise ParseError("a brace is closed that was not opened")
            frames.pop()
            joins = False
        elif mark:
            joins = False
    if len(frames) > 1:
        raise ParseError("a brace is not closed")
    return frames[0]


def _follows(raw: bytes, match: re.Match[str]) -> bool:
    """Return True for a word that names a field: a colon or a brace comes next."""
    rest = match.string[match.end() : match.end() + 50].lstrip()
    return rest[:1] in (":", "{", "<") and not match["word"][0].isdigit()


def _encode(fields: _Pairs, kind: str, form: str, depth: int) -> bytes:
    if depth > _MOST_DEPTH:
        raise LimitExceeded("messages nested too deeply")
    return b"".join(_pieces(fields, kind, form, depth))


def _pieces(fields: _Pairs, kind: str, form: str, depth: int) -> Iterator[bytes]:
    known = _FIELDS[kind]
    for name, value in fields:
        number, held = known.get(name, (0, ""))
        if not number or value is None:
            continue
        if held == "n":
            yield _varint(number << 3) + _varint(_number(value))
        elif held in ("4", "8"):
            yield _varint(number << 3 | (5 if held == "4" else 1)) + bytes(int(held))
        elif held in _FIELDS:
            inner = value if isinstance(value, list) else []
            yield _packed(number, _encode(inner, held, form, depth + 1))
        elif not isinstance(value, list):
            yield _packed(number, _bytes(str(value), held, form))


def _bytes(text: str, held: str, form: str) -> bytes:
    if held == "b" and form == "JSON":
        import base64

        try:
            return base64.b64decode(text.translate(str.maketrans("-_", "+/")) + "==")
        except ValueError:
            return b""
    if held == "b":
        return bytes(ord(char) & 0xFF for char in text)
    return text.encode("utf-8", "replace")


def _number(value: object) -> int:
    text = str(value)
    if text in _ENUMS:
        return _ENUMS[text]
    try:
        return int(text[:40], 0) & ((1 << 64) - 1)
    except ValueError:
        return 0


def _packed(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
