"""TensorFlow's graphs in the text form of protocol buffers (``saved_model.pbtxt``).

TensorFlow loads them like the binary ones. The text is read as names, strings and braces; what a
node is, is told by the name of the field it stands in.
"""

from __future__ import annotations

import re

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..limits import Budget
from .tf_model import TfAsset, TfGraphs, TfNode

_STARTS = re.compile(
    rb"\s*(?:#[^\n]*\n\s*)*"
    rb"(?P<kind>saved_model_schema_version|meta_graphs|meta_info_def|graph_def|node|library|versions)"
    rb"\s*[:{<]"
)
_OPERATOR = re.compile(rb"\bop\s*:\s*[\"']")
_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|(?P<word>[A-Za-z_][\w.]*)|(?P<mark>[{}<>])"""
    r"""|"(?P<double>(?:[^"\\\n]|\\.)*)"|'(?P<single>(?:[^'\\\n]|\\.)*)'|."""
)
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.))")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_MOST_DEPTH = 100
_MOST_NODES = 500_000
_MOST_TEXT = 1024
_MOST_TEXTS = 100


def looks_like_text(head: bytes) -> bool:
    """Return True when a file starts like a graph in text form.

    Args:
        head: Its first few kilobytes.
    """
    start = _STARTS.match(head)
    if start is None or b"\0" in head:
        return False
    return start["kind"][:5] in (b"saved", b"meta_") or _OPERATOR.search(head) is not None


def read_text(artifact: Artifact, budget: Budget) -> TfGraphs:
    """Read a graph in text form.

    Raises:
        ParseError: Its braces do not match.
        LimitExceeded: It is longer than text may be, nested too deep, or has too many nodes.
    """
    most = budget.limits.max_text
    if artifact.reader.size > most:
        raise LimitExceeded(f"a text of more than {most} bytes is not read")
    text = artifact.reader.pread(0, artifact.reader.size).decode("utf-8", "replace")
    walk = _Walk()
    for count, match in enumerate(_TOKEN.finditer(text)):
        if not count & 0xFFFF:
            budget.check_time()
        walk.take(match)
    if len(walk.frames) > 1:
        raise ParseError("a brace is not closed")
    return TfGraphs(
        "text", walk.version, (), tuple(walk.nodes), tuple(walk.functions), tuple(walk.assets)
    )


class _Frame:
    """A message that is open: the field it stands in, and the texts that were met in it."""

    __slots__ = ("at", "field", "function", "texts")

    def __init__(self, field: str, function: str, at: int) -> None:
        self.field = field
        self.function = function
        self.at = at
        self.texts: list[tuple[str, str]] = []


class _Walk:
    def __init__(self) -> None:
        self.frames = [_Frame("", "", 0)]
        self.field = ""
        self.joins = False
        self.version = ""
        self.nodes: list[TfNode] = []
        self.functions: list[str] = []
        self.assets: list[TfAsset] = []

    def take(self, match: re.Match[str]) -> None:
        mark, word = match["mark"], match["word"]
        if mark in ("{", "<"):
            self._open(match.start())
        elif mark:
            self._close()
        elif word is not None:
            self.field, self.joins = word, False
        else:
            string = match["double"] if match["double"] is not None else match["single"]
            if string is not None:
                self._string(unescaped(string))

    def _open(self, at: int) -> None:
        if len(self.frames) > _MOST_DEPTH:
            raise LimitExceeded(f"messages nested deeper than {_MOST_DEPTH}")
        self.frames.append(_Frame(self.field, self.frames[-1].function, at))
        self.field, self.joins = "", False

    def _close(self) -> None:
        if len(self.frames) == 1:
            raise ParseError("a brace is closed that was not opened")
        frame = self.frames.pop()
        held = dict(frame.texts)
        if frame.field in ("node", "node_def") and "op" in held:
            self._node(frame, held)
        elif frame.field == "asset_file_def":
            tensor = held.get("name", "")
            self.assets.append(TfAsset(tensor, held.get("filename", ""), frame.at))
        elif frame.field == "attr":
            key = held.get("key", "")
            texts = [(key, text) for field, text in frame.texts if field in ("s", "string_val")]
            self.frames[-1].texts += [("", key + "\0" + text) for key, text in texts]
        elif frame.field in ("value", "tensor", "list", "tensor_info"):
            self.frames[-1].texts += frame.texts
        self.field = ""

    def _node(self, frame: _Frame, held: dict[str, str]) -> None:
        if len(self.nodes) >= _MOST_NODES:
            raise LimitExceeded(f"more than {_MOST_NODES} operators")
        inputs = tuple(text for field, text in frame.texts if field == "input")
        pairs = [text.partition("\0") for field, text in frame.texts if not field]
        texts = tuple((key, text) for key, _, text in pairs[:_MOST_TEXTS])
        function = frame.function
        self.nodes.append(
            TfNode(held["op"], held.get("name", ""), inputs, texts, function, frame.at)
        )

    def _string(self, text: str) -> None:
        frame = self.frames[-1]
        if self.joins and frame.texts:
            text = frame.texts.pop()[1] + text
        elif self.field == "name" and frame.field == "signature":
            self.functions.append(text)
            self.frames[-2].function = text
        elif self.field == "tensorflow_version":
            self.version = text[:_MOST_TEXT]
        frame.texts.append((self.field, text[:_MOST_TEXT]))
        self.joins = True


def unescaped(text: str) -> str:
    """Return the content of a string with its escapes resolved.

    Args:
        text: What stands between the quotes.
    """
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    if match[2]:
        return chr(int(match[2], 8))
    return _LETTERS.get(match[3], match[3])
