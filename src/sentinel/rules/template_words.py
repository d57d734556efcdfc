"""Questions about a template's tree: which expressions are the content of a message, which tests
ask for words in it, and which words a branch gives to the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from ..formats.jinja import nodes as n

_CONTENT = frozenset(
    ("content", "text", "user_message", "user_input", "prompt", "query", "question", "instruction")
)
_ASKING = frozenset(
    ("startswith", "endswith", "find", "rfind", "index", "rindex", "count", "split", "rsplit",
     "partition", "rpartition", "replace", "__contains__")
)  # fmt: skip
_COMPARING = frozenset(("in", "not in", "==", "!="))
_TESTS = frozenset(("eq", "equalto", "==", "in", "containing", "contains", "search", "match", "ne"))
_TRIGGER = re.compile(r"\s*[^\W\d_]{3,}(?:[\s'\u2019,.!?-]+[^\W_]+)*\s*[.!?]?\s*\Z")
_MARKER = re.compile(r"<[^<>\n]{0,80}>|\[[^\[\]\n]{0,80}\]|\{[^{}\n]{0,80}\}|<\|?[^\s]{0,40}")
_LONGEST = 500
_MOST_WORDS = 50  # lists may hold each other many times over
_WORD = re.compile(r"[^\W\d_]{2,}")
_TYPES = frozenset(
    ("text", "image", "image_url", "video", "video_url", "audio", "audio_url", "input_audio",
     "input_image", "input_text", "content", "type", "document", "role", "tool", "function")
)  # fmt: skip
_DATES = frozenset(("strftime_now", "now", "today", "date_string", "current_date", "datetime"))


class Words:
    """Answers about one template.

    Args:
        body: Its statements.
    """

    def __init__(self, body: n.Body) -> None:
        self.content: set[str] = set(_CONTENT - {"text", "query", "prompt"})
        self.gated: set[str] = set()
        self.lists: dict[str, tuple[str, ...]] = {}
        for _ in range(2):
            self._learn(body)

    def _learn(self, body: n.Body) -> None:
        for node in n.walk(body):
            if isinstance(node, n.Assign):
                name = _dotted(node.target)
                if self.is_content(node.value):
                    self.content.add(name)
                words = tuple(islice(self._triggers(node.value), _MOST_WORDS))
                if words:
                    self.lists[name] = words
                elif next(self.gates(node.value), ""):
                    self.gated.add(name)
            elif isinstance(node, n.For) and isinstance(node.target, n.Name):
                words = tuple(islice(self._triggers(node.iterable), _MOST_WORDS))
                if words:
                    self.lists[node.target.name] = words
                elif self._is_split(node.iterable):
                    self.content.add(node.target.name)
            elif isinstance(node, n.Branch) and next(self.gates(node.test), ""):
                self.gated |= {
                    _dotted(one.target) for one in n.walk(node.body) if isinstance(one, n.Assign)
                }

    def _is_split(self, node: n.Expression) -> bool:
        return isinstance(node, n.Call) and self.is_content(node)

    def is_content(self, node: object) -> bool:
        """Return True for what a person wrote: ``message.content``, trimmed, cut or lowered."""
        for _ in range(100):
            if isinstance(node, n.Name):
                return node.name in self.content
            if isinstance(node, n.Attr):
                return node.name in _CONTENT or _dotted(node) in self.content
            if isinstance(node, n.Item):
                key = node.key.value if isinstance(node.key, n.Const) else None
                if isinstance(key, str):
                    return key in _CONTENT
                node = node.base
            elif isinstance(node, n.Filter):
                node = node.base
            elif isinstance(node, n.Call) and isinstance(node.function, n.Attr):
                node = node.function.base
            elif isinstance(node, n.Binary) and node.op in ("~", "+"):
                return any(self.is_content(one) for one in node.items[:4])
            else:
                return False
        return False

    def gates(self, test: object) -> Iterator[str]:
        """Yield the words that a test asks for in the content of a message."""
        for node in n.walk(test):
            if isinstance(node, n.Binary) and node.op in _COMPARING and len(node.items) == 2:
                left, right = node.items
                if self.is_content(left):
                    yield from self._triggers(right)
                elif self.is_content(right) or (node.op == "in" and self._is_split(right)):
                    yield from self._triggers(left)
            elif isinstance(node, n.Call) and isinstance(node.function, n.Attr):
                if node.function.name in _ASKING and self.is_content(node.function.base):
                    for one in node.arguments.values[:1]:
                        yield from self._triggers(one)
            elif isinstance(node, n.Test) and node.name in _TESTS and self.is_content(node.base):
                for one in node.arguments.values:
                    yield from self._triggers(one)
            elif isinstance(node, n.Name | n.Attr) and _dotted(node) in self.gated:
                yield _dotted(node)

    def _triggers(self, node: object) -> Iterator[str]:
        """Yield the ordinary words among the constants of an expression."""
        if isinstance(node, n.Name | n.Attr) and _dotted(node) in self.lists:
            yield from self.lists[_dotted(node)]
        text = constant(node)
        if (
            0 < len(text) <= _LONGEST
            and _TRIGGER.match(text)
            and text.strip().lower() not in _TYPES
        ):
            yield text
        elif isinstance(node, n.Sequence):
            for one in node.items:
                yield from self._triggers(one)


def constant(node: object) -> str:
    """Return the text that an expression of constants is, joined and lowered; else empty."""
    parts: list[str] = []
    pending, steps = [node], 0
    while pending and steps < 1000:
        steps += 1
        one = pending.pop()
        if isinstance(one, n.Const) and isinstance(one.value, str):
            parts.append(one.value)
        elif isinstance(one, n.Binary) and one.op in ("~", "+"):
            pending += reversed(one.items)
        elif isinstance(one, n.Filter) and one.name in ("lower", "upper", "trim", "string"):
            pending.append(one.base)
        else:
            return ""
    return "".join(parts)


def given(body: object) -> Iterator[tuple[int, str]]:
    """Yield the line and text of everything that a body gives to the model, markers left out."""
    for node in n.walk(body):
        if isinstance(node, n.Text):
            yield node.line, _MARKER.sub(" ", node.text)
        elif isinstance(node, n.Output | n.Assign):
            for one in printed(node.value):
                yield one.line, _MARKER.sub(" ", str(one.value))


def printed(value: object) -> Iterator[n.Const]:
    """Yield the text constants that an expression may print, not those it compares or looks up."""
    pending = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, n.Const) and isinstance(node.value, str):
            yield node
        elif isinstance(node, n.Binary) and node.op in ("~", "+", "or", "%"):
            pending += reversed(node.items)
        elif isinstance(node, n.Cond):
            pending += [node.no, node.yes]
        elif isinstance(node, n.Filter):
            pending.append(node.base)
        elif isinstance(node, n.Sequence):
            pending += reversed(node.items)


def words_in(text: str) -> int:
    """Return the number of words of letters in a text."""
    return len(_WORD.findall(text))


def asks_date(test: object) -> bool:
    """Return True for a comparison of the present date with a constant."""
    for node in n.walk(test):
        if isinstance(node, n.Binary) and node.op in ("<", ">", "<=", ">=", "==", "!=", "in"):
            dates = any(_is_date(one) for one in node.items)
            constants = any(
                isinstance(one, n.Const) and one.value not in ("", None) for one in node.items
            )
            if dates and constants:
                return True
    return False


def _is_date(node: object) -> bool:
    return any(isinstance(one, n.Name) and one.name in _DATES for one in n.walk(node))


def _dotted(node: object) -> str:
    if isinstance(node, n.Name):
        return node.name
    if isinstance(node, n.Attr) and isinstance(node.base, n.Name):
        return f"{node.base.name}.{node.name}"
    return ""
