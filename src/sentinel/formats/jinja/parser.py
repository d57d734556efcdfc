"""Jinja2's statements, with those that language models add (``generation``, ``break``, ``do``).

Tags of extensions that are not known are kept with the expressions in them, so that a template is
read whatever environment it was written for.
"""

from __future__ import annotations

from collections.abc import Callable

from ...errors import LimitExceeded, ParseError
from .expressions import Expressions
from .lexer import Token, tokens
from .nodes import (
    Assign,
    AssignBlock,
    Block,
    Body,
    Branch,
    Comment,
    Expression,
    For,
    If,
    Load,
    Macro,
    Name,
    Other,
    Output,
    Sequence,
    Statement,
    Text,
)

_DEPTH = 60
_CLOSERS = frozenset(
    {"endfor", "endif", "elif", "else", "endset", "endmacro", "endcall", "endfilter", "endwith",
     "endblock", "endautoescape", "endgeneration"}
)  # fmt: skip


def parse_template(source: str) -> Body:
    """Return the statements of a template.

    Args:
        source: Its text.

    Raises:
        ParseError: It is no template.
        LimitExceeded: It is too long or nested too deeply.
    """
    try:
        return _Statements(tokens(source)).template()
    except RecursionError as error:
        raise LimitExceeded("a template nested too deeply") from error


class _Statements(Expressions):
    def __init__(self, found: list[Token]) -> None:
        super().__init__(found)
        self._nested = 0
        self._tags: dict[str, Callable[[int], Statement]] = {
            "for": self._for, "if": self._if, "set": self._set, "macro": self._macro,
            "call": self._call, "filter": self._filter, "with": self._with, "block": self._block,
            "autoescape": self._headed, "generation": self._headed, "do": self._do,
            "include": self._load, "import": self._load, "from": self._load,
            "extends": self._load,
        }  # fmt: skip

    def template(self) -> Body:
        body = self._body()
        if self.at < len(self.tokens):
            raise self.refuse("the end")
        return body

    def _body(self) -> Body:
        """Return statements up to a tag that ends or divides the one around them."""
        self._nested += 1
        if self._nested > _DEPTH:
            raise LimitExceeded(f"tags nested deeper than {_DEPTH}")
        found: list[Statement] = []
        while self.at < len(self.tokens):
            token = self.next
            if token.kind == "begin" and token.text == "{%" and self._tag() in _CLOSERS:
                break
            self.at += 1
            if token.kind == "data":
                found.append(Text(token.line, token.text))
            elif token.kind == "comment":
                found.append(Comment(token.line, token.text))
            elif token.text == "{{":
                found.append(Output(token.line, self.items()))
                self._end()
            else:
                found.append(self._statement())
        self._nested -= 1
        return tuple(found)

    def _tag(self) -> str:
        token = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else self.next
        return token.text if token.kind == "name" else ""

    def _end(self) -> None:
        if self.next.kind != "end":
            raise self.refuse("the end of the tag")
        self.at += 1

    def _close(self, tag: str) -> None:
        """Pass over the tag that must come next, with anything that stands in it."""
        if self.next.kind != "begin" or self._tag() != tag:
            raise self.refuse(f"{{% {tag} %}}")
        self.at += 2
        while self.next.kind not in ("end", "begin"):
            self.at += 1
        self._end()

    def _statement(self) -> Statement:
        line, tag = self.next.line, self.name()
        special = self._tags.get(tag)
        if special is not None:
            return special(line)
        return self._other(line, tag)

    def _other(self, line: int, tag: str) -> Statement:
        values: list[Expression] = []
        while self.next.kind not in ("end", "begin"):
            start, depth = self.at, self._depth
            try:
                values.append(self.expression())
            except ParseError:
                self.at, self._depth = start + 1, depth
        self._end()
        return Other(line, tag, tuple(values))

    def _for(self, line: int) -> Statement:
        target = self._target()
        if not self.accept("name", "in"):
            raise self.refuse("'in'")
        iterable = self.items(conditional=False)
        condition = self.expression() if self.accept("name", "if") else None
        self.accept("name", "recursive")
        self._end()
        body = self._body()
        otherwise: Body = ()
        if self._tag() == "else":
            self._close("else")
            otherwise = self._body()
        self._close("endfor")
        return For(line, target, iterable, condition, body, otherwise)

    def _target(self) -> Expression:
        """Return what is assigned to: names, tuples of them, or an attribute of a namespace."""
        line = self.next.line
        found = [self._one_target()]
        comma = False
        while self.accept("op", ","):
            comma = True
            if self.next.kind not in ("name", "op") or self.is_name("in") or self.is_op("="):
                break
            found.append(self._one_target())
        return Sequence(line, tuple(found)) if comma else found[0]

    def _one_target(self) -> Expression:
        return self._unary(False)

    def _if(self, line: int) -> Statement:
        branches: list[Branch] = []
        test: Expression | None = self.items()
        self._end()
        while True:
            branches.append(Branch(line, test, self._body()))
            tag = self._tag()
            if tag not in ("elif", "else"):
                break
            line = self.next.line
            self.at += 2
            test = self.items() if tag == "elif" else None
            self._end()
        self._close("endif")
        return If(branches[0].line, tuple(branches))

    def _set(self, line: int) -> Statement:
        target = self._target()
        if self.accept("op", "="):
            value = self.items()
            self._end()
            return Assign(line, target, value)
        through = self._filters(None) if self.is_op("|") else None
        self._end()
        body = self._body()
        self._close("endset")
        return AssignBlock(line, target, through, body)

    def _filters(self, base: Expression | None) -> Expression:
        value, chain = self.filter(base), 0
        while self.is_op("|"):
            chain = self._longer(chain)
            value = self.filter(value)
        return value

    def _parameters(self) -> tuple[tuple[str, Expression | None], ...]:
        found: list[tuple[str, Expression | None]] = []
        self.expect("(")
        while not self.accept("op", ")"):
            name = self.name()
            found.append((name, self.expression() if self.accept("op", "=") else None))
            if not self.accept("op", ",") and not self.is_op(")"):
                raise self.refuse("',' or ')'")
        return tuple(found)

    def _macro(self, line: int) -> Statement:
        name = self.name()
        parameters = self._parameters()
        self._end()
        body = self._body()
        self._close("endmacro")
        return Macro(line, name, parameters, body)

    def _call(self, line: int) -> Statement:
        if self.is_op("("):
            self._parameters()
        head = self.expression()
        self._end()
        body = self._body()
        self._close("endcall")
        return Block(line, "call", head, body)

    def _filter(self, line: int) -> Statement:
        head = self._filters(None)
        self._end()
        body = self._body()
        self._close("endfilter")
        return Block(line, "filter", head, body)

    def _with(self, line: int) -> Statement:
        pairs: list[Statement] = []
        while self.next.kind != "end":
            target = self._target()
            self.expect("=")
            pairs.append(Assign(line, target, self.expression()))
            if not self.accept("op", ",") and self.next.kind != "end":
                raise self.refuse("','")
        self._end()
        body = self._body()
        self._close("endwith")
        return Block(line, "with", None, (*pairs, *body))

    def _block(self, line: int) -> Statement:
        name = self.name()
        while self.next.kind not in ("end", "begin"):
            self.at += 1
        self._end()
        body = self._body()
        self._close("endblock")
        return Block(line, "block", Name(line, name), body)

    def _headed(self, line: int) -> Statement:
        tag = self.tokens[self.at - 1].text
        head = None if self.next.kind == "end" else self.expression()
        self._end()
        body = self._body()
        self._close(f"end{tag}")
        return Block(line, tag, head, body)

    def _do(self, line: int) -> Statement:
        value = self.items()
        self._end()
        return Output(line, value)

    def _load(self, line: int) -> Statement:
        tag = self.tokens[self.at - 1].text
        source = self.expression()
        while self.next.kind not in ("end", "begin"):
            self.at += 1
        self._end()
        return Load(line, tag, source)
