"""TorchScript code: which operators, functions and classes the text of a scripted module names.

An archive written by ``torch.jit.save`` carries its methods as text in a small Python-like
language (``code/__torch__/….py``), compiled when the archive is loaded. The text is read as tokens:
that is total, takes time in proportion to the text, and cannot be thrown off by a line that one
parser accepts and another does not. Names are followed through plain assignments
(``f = torch.add``) and ``getattr`` with a constant.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from keyword import iskeyword
from typing import NamedTuple

from ..artifacts import Artifact
from ..findings import Gap
from ..limits import Budget
from . import Parsed
from .torchscript_tokens import NAME, STRING, Token, tokens, unquote

_ROOTS = frozenset(("torch", "ops", "aten", "prim", "__torch__"))
_ALIASES = 16
_LONGEST = 64
_MOST_USES = 20_000
_MOST_TOKENS = 1_000_000
_NESTED = 16
_GETATTRS = 4
_LOOK_AHEAD = 64
_TEXT = 300


class Use(NamedTuple):
    """One name that the code mentions, where it does so first.

    Attributes:
        name: Dotted, aliases followed (``torch.from_file``).
        line: Line, from 1.
        called: True when it is called there.
        text: First string constant among the arguments, cut to 300 characters.
        own: For a method: true when it is a method of the class it is called in, on ``self``.
    """

    name: str
    line: int
    called: bool
    text: str
    own: bool = False


class TorchScriptCode(NamedTuple):
    """What one code member names.

    Attributes:
        operators: Names below ``torch``, ``ops`` and ``__torch__``.
        methods: Attributes of anything else, by their last name.
        functions: Bare names that are called.
        imports: Modules that ``import`` statements name, which TorchScript has none of.
        cut: True when there were more names or tokens than are kept.
    """

    operators: tuple[Use, ...] = ()
    methods: tuple[Use, ...] = ()
    functions: tuple[Use, ...] = ()
    imports: tuple[Use, ...] = ()
    cut: bool = False


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read one code member.

    Returns:
        A ``TorchScriptCode``; a gap when the text is longer than is read.

    Raises:
        LimitExceeded: Out of time.
    """
    limit = budget.limits.max_text
    raw = artifact.reader.pread(0, limit)
    text = raw.decode("utf-8", "replace")
    code = read_code(text, budget)
    gaps: list[Gap] = []
    if text.count("\ufffd") > raw.count("\ufffd".encode()) + 1:  # one may be cut at the limit
        gaps.append(Gap("malformed", artifact.location(), "code that is no text in UTF-8"))
    if artifact.reader.size > limit:
        detail = f"only the first {limit} bytes of the code were read"
        gaps.append(Gap("limit", artifact.location(limit), detail, "raise --max-text to read on"))
    if code.cut:
        detail = f"more than {_MOST_USES} names or {_MOST_TOKENS} tokens in one code member"
        gaps.append(Gap("limit", artifact.location(), detail))
    return Parsed(code, gaps=tuple(gaps))


def read_code(text: str, budget: Budget) -> TorchScriptCode:
    """Return what the text of a code member names.

    Args:
        text: The code.
        budget: Gives the time.

    Raises:
        LimitExceeded: Out of time.
    """
    return _Reader(text, budget).run()


class _Reader:
    def __init__(self, text: str, budget: Budget) -> None:
        self.tokens = list(islice(_timed(tokens(text), budget), _MOST_TOKENS))
        self.aliases: dict[str, str] = {}
        self.owned: dict[str, set[str]] = {}
        self.found: dict[str, dict[tuple[str, bool, str, bool], Use]] = {
            "operators": {}, "methods": {}, "functions": {}, "imports": {},
        }  # fmt: skip
        self.spent = 0
        self.scope = self.this = ""

    def run(self) -> TorchScriptCode:
        self._definitions()
        at = 0
        while at < len(self.tokens) and self.spent < _MOST_USES:
            token = self.tokens[at]
            if token.kind == NAME and token.column >= 0:
                self._enter(at)
            at = self._name(at) if token.kind == NAME else at + 1
        kept = {kind: tuple(uses.values()) for kind, uses in self.found.items()}
        cut = at < len(self.tokens) or len(self.tokens) >= _MOST_TOKENS
        return TorchScriptCode(**kept, cut=cut)

    def _enter(self, at: int) -> None:
        """Follow which class and method the text is in."""
        token = self.tokens[at]
        if token.text == "class":
            self.scope, self.this = self._text(at + 1), ""
        elif token.text == "def":
            if token.column == 0:
                self.scope = ""
            self.this = self._text(at + 3) if self.scope else ""

    def _definitions(self) -> None:
        """Note methods by class, and names that stand for others."""
        for at, token in enumerate(self.tokens):
            if token.kind != NAME or token.column < 0:
                continue
            self._enter(at)
            if token.text == "def":
                self.owned.setdefault(self.scope, set()).add(self._text(at + 1))
            elif self._text(at + 1) == "=":
                chain, end = self._chain(self._inside(at + 2))
                over = end >= len(self.tokens) or self.tokens[end].column >= 0
                if chain and (over or self._text(end) == ")"):
                    self.aliases.setdefault(token.text, chain)

    def _inside(self, at: int) -> int:
        while self._text(at) == "(":
            at += 1
        return at

    def _text(self, at: int) -> str:
        return self.tokens[at].text if at < len(self.tokens) else ""

    def _chain(self, at: int, depth: int = 0) -> tuple[str, int]:
        """Return the dotted name that starts at a token, and the index behind it."""
        if at >= len(self.tokens) or self.tokens[at].kind != NAME:
            return "", at
        if self._text(at) == "getattr" and self._text(at + 1) == "(":
            return self._getattr(at, depth)
        parts = [self._text(at)]
        at += 1
        while self._text(at) == "." and at + 1 < len(self.tokens):
            if self.tokens[at + 1].kind != NAME:
                break
            parts.append(self._text(at + 1))
            at += 2
        return ".".join(parts[:_LONGEST]), at

    def _getattr(self, at: int, depth: int) -> tuple[str, int]:
        """Follow ``getattr(x, "name")``."""
        if depth > _GETATTRS:
            return "getattr", at + 1
        base, end = self._chain(self._inside(at + 2), depth + 1)
        while self._text(end) == ")":
            end += 1
        if base and self._text(end) == "," and end + 1 < len(self.tokens):
            name = self.tokens[end + 1]
            if name.kind == STRING and self._text(end + 2) == ")":
                return f"{base}.{unquote(name.text)}", end + 3
        return "getattr", at + 1

    def _resolved(self, chain: str) -> str:
        for _ in range(_ALIASES):
            root, dot, rest = chain.partition(".")
            known = self.aliases.get(root)
            if known is None or root in _ROOTS or len(known) + len(rest) > 1_000:
                break
            chain = known + dot + rest
        return chain

    def _name(self, at: int) -> int:
        """Note the name that starts at a token; return the index behind it."""
        token = self.tokens[at]
        if token.column >= 0 and token.text in ("import", "from"):
            self._import(at)
            return at + 1
        before = self._text(at - 1) if at else ""
        chain, end = self._chain(at)
        if before in ("def", "class"):
            return end
        whole, end = self._closed(chain, at, end)
        called = self._text(end) == "("
        text = self._argument(end) if called else ""
        if before == ".":
            whole = f"?.{whole}"
        self._note(self._resolved(whole), token, called, text)
        return end

    def _note(self, chain: str, token: Token, called: bool, text: str) -> None:
        root, dot, rest = chain.partition(".")
        if root in _ROOTS and dot:
            self._keep("operators", Use(chain, token.line, called, text))
        elif dot and called:
            own = bool(self.scope) and root == self.this and rest in self.owned.get(self.scope, ())
            last = chain.rpartition(".")[2]
            self._keep("methods", Use(last, token.line, called, text, own))
        elif called and not iskeyword(chain):
            self._keep("functions", Use(chain, token.line, called, text))

    def _closed(self, chain: str, start: int, end: int) -> tuple[str, int]:
        """Go on past brackets around a name: ``(torch).add`` is ``torch.add``."""
        for _ in range(_NESTED):
            behind = end
            while start and self._text(start - 1) == "(" and self._text(behind) == ")":
                start, behind = start - 1, behind + 1
            if behind == end or self._text(behind) != "." or self._is_call(start):
                break
            rest, after = self._chain(behind + 1)
            if not rest:
                break
            chain, end = f"{chain}.{rest}", after
        return chain, end

    def _is_call(self, bracket: int) -> bool:
        """Return True when a bracket opens the arguments of a call."""
        before = self.tokens[bracket - 1] if bracket else None
        if before is None or before.line != self.tokens[bracket].line:
            return False
        return before.text in (")", "]") or (before.kind == NAME and before.text != "return")

    def _argument(self, at: int) -> str:
        """Return the first string constant of a call whose bracket is at a token."""
        depth = 0
        for token in self.tokens[at : at + _LOOK_AHEAD]:
            if token.kind == STRING:
                return unquote(token.text)[:_TEXT]
            depth += (token.text in "([{") - (token.text in ")]}")
            if depth <= 0:
                break
        return ""

    def _import(self, at: int) -> None:
        chain, _ = self._chain(at + 1)
        self._keep("imports", Use(chain or "?", self.tokens[at].line, False, ""))

    def _keep(self, kind: str, use: Use) -> None:
        key = (use.name, use.called, use.text, use.own)
        if key not in self.found[kind]:
            self.spent += 1
            self.found[kind][key] = use


def _timed(stream: Iterator[Token], budget: Budget) -> Iterator[Token]:
    for number, token in enumerate(stream):
        if not number % 65_536:
            budget.check_time()
        yield token
