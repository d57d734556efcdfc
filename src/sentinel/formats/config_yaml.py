"""YAML that names code: PyYAML's constructors, Hydra's targets, Lightning's class paths."""

from __future__ import annotations

from . import Parsed
from .config_code import CUT, CodeName, ConfigCode, checked
from .config_json import expressions
from .yaml_tokens import STANDARD, Token, decoded, tokens

_PYTHON = f"{STANDARD}python/"
_KEYS = frozenset(("_target_", "class_path", "_instantiator"))
_HOW = {
    "object/apply:": "apply", "object/new:": "apply", "object:": "class", "name:": "name",
    "module:": "module",
}  # fmt: skip
_WORDS = 12


def read_yaml(data: bytes) -> Parsed:
    """Return what a YAML text names.

    Args:
        data: The text.

    Raises:
        LimitExceeded: It holds more than is read.
    """
    reader = _Reader()
    for token in tokens(decoded(data)):
        reader.see(token)
    names = [entry.done() for entry in reader.entries]
    return Parsed(ConfigCode("yaml", checked(names)), expressions(reader.expressions))


class _Entry:
    def __init__(self, how: str, key: str, name: str, line: int, column: int) -> None:
        self.how, self.key, self.name, self.line = how, key, name, line
        self.column = column  # of the keys beside it, or of the key it is the value of
        self.open = True
        self.words: list[str] = []

    def done(self) -> CodeName:
        """Return it as a fact."""
        given = " ".join(self.words)[:CUT]
        return CodeName(self.how, self.key, self.name[:CUT], self.line, given)


class _Reader:
    def __init__(self) -> None:
        self.entries: list[_Entry] = []
        self.expressions: list[str] = []
        self._anchors: dict[str, str] = {}
        self._anchor = ""
        self._key = ""
        self._column = 0

    def see(self, token: Token) -> None:
        """Take the next token."""
        if token.kind == "tag":
            self._tag(token)
        elif token.kind == "anchor":
            self._anchor = token.text
        elif token.kind == "alias":
            self._value(self._anchors.get(token.text, f"*{token.text}"), token.line)
        elif token.kind == "scalar":
            if self._anchor:
                self._anchors[self._anchor] = token.text[:CUT]
            self._anchor = ""
            self._value(token.text, token.line)
        elif token.kind == "key":
            self._anchor = ""
            self._key, self._column = token.text, token.column
            for entry in self.entries[-2:]:
                beside = entry.key in _KEYS and token.column == entry.column
                if token.line > entry.line and token.column <= entry.column and not beside:
                    entry.open = False

    def _tag(self, token: Token) -> None:
        if not token.text.startswith(_PYTHON):
            return
        rest = token.text[len(_PYTHON) :]
        for prefix, how in _HOW.items():
            if rest.startswith(prefix):
                key = f"!!python/{prefix}"[:-1]
                entry = _Entry(how, key, rest[len(prefix) :], token.line, self._column)
                self.entries.append(entry)
                return

    def _value(self, text: str, line: int) -> None:
        for entry in self.entries[-2:]:
            if entry.open and len(entry.words) < _WORDS:
                entry.words.append(text[:100])
        if self._key in _KEYS and text:
            self.entries.append(_Entry("target", self._key, text.strip(), line, self._column))
        elif text.startswith("$") and not text.startswith("${") and len(text) > 1:
            self.expressions.append(text[1:])
        self._key = ""
