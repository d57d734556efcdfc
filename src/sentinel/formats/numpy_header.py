"""The header of a ``.npy`` file: a Python literal and a dtype description, read without Python.

Only what ``numpy.lib.format`` writes is understood: dictionaries, lists, tuples, strings, whole
numbers, ``True``, ``False`` and ``None``. Everything else is told apart as code or as a mistake.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..errors import ParseError

_DEPTH = 32
_ITEMS = 4096
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>[uUbBrR]{0,2}(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))
    | (?P<number>-?\d{1,40}[lL]?(?![\w.]))
    | (?P<word>[^\W\d]\w*)
    | (?P<mark>[{}\[\](),:])
    )""",
    re.VERBOSE,
)
_WORDS = {"True": True, "False": False, "None": None}
_CLOSERS = {"{": "}", "[": "]", "(": ")"}
_CODE = re.compile(r"[^\W\d]\w*\s*\(|\blambda\b|\bfor\b|\bimport\b|\.\s*[^\W\d]\w*")
_STRINGS = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class NotALiteral(ParseError):
    """A header that is no literal.

    Args:
        message: What was met.
        code: True when it looks like something to run.
    """

    def __init__(self, message: str, code: bool) -> None:
        super().__init__(message)
        self.code = code


class Dtype(NamedTuple):
    """What a dtype description comes to.

    Attributes:
        size: Bytes of one item, or None where only NumPy knows.
        objects: True when items hold Python objects, so that the data is a pickle.
    """

    size: int | None
    objects: bool


def read_literal(text: str) -> object:
    """Return the value of a literal.

    Args:
        text: The header, a few KiB at most.

    Raises:
        NotALiteral: It is something else.
        ParseError: It is nested too deeply or has too many items.
    """
    reader = _Literal(text)
    value = reader.value(0)
    if text[reader.at :].strip():
        raise reader.refuse()
    return value


class _Literal:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.items = 0

    def refuse(self) -> NotALiteral:
        bare = _STRINGS.sub("''", self.text)
        code = bool(_CODE.search(bare))
        what = "code" if code else "something else"
        return NotALiteral(f"{what} where a literal is due (character {self.at})", code)

    def take(self) -> tuple[str, str]:
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            raise self.refuse()
        kind = match.lastgroup or ""
        token = match[kind]
        if kind == "word" and token not in _WORDS:
            raise self.refuse()
        self.at = match.end()
        return kind, token

    def peek(self, mark: str) -> bool:
        match = _TOKEN.match(self.text, self.at)
        if match is not None and match["mark"] == mark:
            self.at = match.end()
            return True
        return False

    def value(self, depth: int) -> object:
        self.items += 1
        if depth > _DEPTH or self.items > _ITEMS:
            raise ParseError("a header nested too deeply or with too many items")
        kind, token = self.take()
        if kind == "string":
            return _unquote(token)
        if kind == "number":
            return int(token.rstrip("lL"))
        if kind == "word":
            return _WORDS[token]
        if token == "{":
            return self.mapping(depth)
        if token in "[(":
            return self.sequence(_CLOSERS[token], depth)
        raise self.refuse()

    def mapping(self, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        while not self.peek("}"):
            key = self.value(depth + 1)
            if not isinstance(key, str) or not self.peek(":"):
                raise self.refuse()
            found[key] = self.value(depth + 1)
            if not self.peek(","):
                if not self.peek("}"):
                    raise self.refuse()
                break
        return found

    def sequence(self, closer: str, depth: int) -> object:
        found: list[object] = []
        comma = False
        while not self.peek(closer):
            found.append(self.value(depth + 1))
            comma = self.peek(",")
            if not comma:
                if not self.peek(closer):
                    raise self.refuse()
                break
        if closer == "]":
            return found
        return found[0] if len(found) == 1 and not comma else tuple(found)


def _unquote(token: str) -> str:
    quote = token.index("'") if token.endswith("'") else token.index('"')
    return _ESCAPE.sub(r"\1", token[quote + 1 : -1])


_PLAIN = re.compile(r"([<>=|]?)([?biufcSaUVmMO])(\d{0,12})(?:\[[^\[\]]{0,20}\])?\Z")
_NAMED = re.compile(r"(u?int|float|complex|bfloat)(\d{1,3})\Z")
_NAMES = {
    "bool": 1, "bool_": 1, "byte": 1, "ubyte": 1, "short": 2, "ushort": 2, "half": 2, "intc": 4,
    "uintc": 4, "single": 4, "double": 8, "float": 8, "int": 8, "uint": 8, "int_": 8,
    "longlong": 8, "ulonglong": 8, "csingle": 8, "cdouble": 16, "complex": 16,
}  # fmt: skip
_SIZES = {"?": 1, "b": 1, "i": 4, "u": 4, "f": 4, "c": 8, "m": 8, "M": 8, "S": 0, "a": 0, "U": 0}
_LETTERS = {
    "B": 1, "h": 2, "H": 2, "i": 4, "I": 4, "l": 8, "L": 8, "q": 8, "Q": 8, "e": 2, "f": 4,
    "d": 8, "g": 16, "F": 8, "D": 16, "G": 32, "p": 8, "P": 8,
}  # fmt: skip


def dtype_of(description: object, depth: int = 0) -> Dtype:
    """Return what a ``descr`` entry means.

    Args:
        description: A type string, a pair ``(base, shape)``, or a list of fields.
        depth: Structures around it.

    Returns:
        Its size and whether it holds objects. An unknown type string counts as holding objects.

    Raises:
        ParseError: It is no such thing.
    """
    if depth > _DEPTH:
        raise ParseError("a dtype nested too deeply")
    if isinstance(description, str):
        return _named(description)
    if isinstance(description, tuple) and len(description) == 2:
        return _repeated(dtype_of(description[0], depth + 1), description[1])
    if isinstance(description, list):
        size: int | None = 0
        objects = False
        for field in description:
            one = _field(field, depth)
            objects = objects or one.objects
            size = None if size is None or one.size is None else size + one.size
        return Dtype(size, objects)
    raise ParseError("the header's descr is no dtype")


def _field(field: object, depth: int) -> Dtype:
    if not isinstance(field, tuple) or len(field) not in (2, 3):
        raise ParseError("a field of the header's descr is malformed")
    base = dtype_of(field[1], depth + 1)
    return _repeated(base, field[2]) if len(field) == 3 else base


def _repeated(base: Dtype, shape: object) -> Dtype:
    extents = shape if isinstance(shape, tuple) else (shape,)
    size = base.size
    for extent in extents:
        if type(extent) is not int or extent < 0:
            raise ParseError("a shape in the header's descr is malformed")
        size = None if size is None else size * extent
    return Dtype(size, base.objects)


def _named(name: str) -> Dtype:
    match = _PLAIN.match(name)
    if match is not None:
        kind, digits = match[2], match[3]
        if kind == "O":
            return Dtype(8, True)
        size = int(digits) if digits else _SIZES.get(kind, 0)
        return Dtype(size * 4 if kind == "U" else size, False)
    bare = name.lstrip("<>=|")
    if bare in _LETTERS:
        return Dtype(_LETTERS[bare], False)
    match = _NAMED.match(bare)
    if match is not None:
        return Dtype(int(match[2]) // 8, False)
    if bare in _NAMES:
        return Dtype(_NAMES[bare], False)
    # NumPy knows more spellings (`object`, `i4,O`, registered extension types).
    return Dtype(None, True)
