"""Jinja2's expressions. Source: ``jinja2/parser.py`` of Jinja 3.1 (the grammar, not the code)."""

from __future__ import annotations

from ...errors import LimitExceeded, ParseError
from .lexer import Token
from .nodes import (
    Arguments,
    Attr,
    Binary,
    Call,
    Cond,
    Const,
    Expression,
    Filter,
    Item,
    Mapping,
    Name,
    Sequence,
    Slice,
    Test,
    Unary,
)

_DEPTH = 120
_CHAIN = 400
_CONDITIONS = 40
_OR, _AND, _NOT, _COMPARE = 1, 2, 3, 4
_LEVELS = {
    "or": _OR, "and": _AND, "in": _COMPARE, "not": _COMPARE, "==": _COMPARE, "!=": _COMPARE,
    "<": _COMPARE, ">": _COMPARE, "<=": _COMPARE, ">=": _COMPARE, "+": 5, "-": 5, "~": 6,
    "*": 7, "/": 7, "//": 7, "%": 7, "**": 8,
}  # fmt: skip
_FLAT = {"or", "and", "+", "~"}
_WORDS = {"true": True, "True": True, "false": False, "False": False, "none": None, "None": None}
_NO_ARGUMENT = {"else", "or", "and", "if", "is", "in", "not"}
_END = Token("end", "", 0)


class Expressions:
    """Reads expressions from a list of tokens.

    Args:
        found: The tokens.
    """

    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.at = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        """The token that comes next; an ``end`` behind the last one."""
        return self.tokens[self.at] if self.at < len(self.tokens) else _END

    def refuse(self, what: str) -> ParseError:
        """Return the error for something that is not there."""
        token = self.next
        line = token.line or (self.tokens[-1].line if self.tokens else 1)
        return ParseError(f"{what} is due on line {line}, not {token.text[:40]!r}")

    def is_op(self, text: str) -> bool:
        """Return True when an operator comes next."""
        return self.next.kind == "op" and self.next.text == text

    def is_name(self, text: str) -> bool:
        """Return True when a word comes next."""
        return self.next.kind == "name" and self.next.text == text

    def accept(self, kind: str, text: str) -> bool:
        """Pass over a token if it comes next, and say whether it did."""
        if self.next.kind == kind and self.next.text == text:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Pass over an operator that must come next. Raises ParseError."""
        if not self.accept("op", text):
            raise self.refuse(repr(text))

    def name(self) -> str:
        """Return the word that must come next. Raises ParseError."""
        if self.next.kind != "name":
            raise self.refuse("a name")
        self.at += 1
        return self.tokens[self.at - 1].text

    def items(self, conditional: bool = True) -> Expression:
        """Return one expression, or a tuple where commas join several.

        Args:
            conditional: Whether ``x if y`` belongs to it.
        """
        line = self.next.line
        found = [self.expression(conditional)]
        comma = False
        while self.accept("op", ","):
            comma = True
            if self.next.kind == "end" or self.is_op("=") or self.is_name("in"):
                break
            found.append(self.expression(conditional))
        return Sequence(line, tuple(found)) if comma else found[0]

    def expression(self, conditional: bool = True) -> Expression:
        """Return one expression.

        Args:
            conditional: Whether ``x if y`` belongs to it.

        Raises:
            ParseError: There is none.
            LimitExceeded: It is nested too deeply.
        """
        value = self._operation(_OR)
        chain = 0
        while conditional and self.is_name("if"):
            chain = self._longer(chain)
            if chain > _CONDITIONS:
                raise LimitExceeded(f"more than {_CONDITIONS} conditions in a row")
            line = self.next.line
            self.at += 1
            test = self._operation(_OR)
            no = self.expression() if self.accept("name", "else") else None
            value = Cond(line, test, value, no)
        return value

    def _longer(self, chain: int) -> int:
        if chain >= _CHAIN:
            raise LimitExceeded(f"an expression of more than {_CHAIN} links")
        return chain + 1

    def _operation(self, least: int) -> Expression:
        self._depth += 1
        if self._depth > _DEPTH:
            raise LimitExceeded(f"an expression nested deeper than {_DEPTH}")
        value, chain = self._first(least), 0
        while (op := self._operator()) and _LEVELS[op] >= least:
            chain = self._longer(chain)
            line = self.next.line
            items = [value]
            while self._operator() == op:
                self.at += 2 if op == "not" else 1
                items.append(self._operation(_LEVELS[op] + 1))
                if op not in _FLAT:
                    break
            value = Binary(line, "not in" if op == "not" else op, tuple(items))
        self._depth -= 1
        return value

    def _operator(self) -> str:
        token = self.next
        if token.kind not in ("op", "name") or token.text not in _LEVELS:
            return ""
        if token.text == "not":
            after = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else _END
            return "not" if after == Token("name", "in", after.line) else ""
        return token.text

    def _first(self, least: int) -> Expression:
        if least <= _COMPARE and self.is_name("not"):
            line = self.next.line
            self.at += 1
            return Unary(line, "not", self._operation(_NOT))
        return self._unary(True)

    def _unary(self, filters: bool) -> Expression:
        token = self.next
        value: Expression
        if token.kind == "op" and token.text in ("-", "+"):
            self.at += 1
            self._depth += 1
            if self._depth > _DEPTH:
                raise LimitExceeded(f"an expression nested deeper than {_DEPTH}")
            value = Unary(token.line, token.text, self._unary(False))
            self._depth -= 1
        else:
            value = self._primary()
        chain = 0
        while (linked := self._link(value, filters)) is not None:
            chain = self._longer(chain)
            value = linked
        return value

    def _link(self, value: Expression, filters: bool) -> Expression | None:
        """Return what follows a value as part of it: attribute, item, call, filter or test."""
        token = self.next
        if token.kind == "op" and token.text == ".":
            self.at += 1
            return self._attribute(value, token.line)
        if token.kind == "op" and token.text == "[":
            self.at += 1
            return Item(token.line, value, self._subscript())
        if token.kind == "op" and token.text == "(":
            return Call(token.line, value, self.arguments())
        if filters and token.kind == "op" and token.text == "|":
            return self.filter(value)
        if filters and self.is_name("is"):
            return self._test(value)
        return None

    def _attribute(self, base: Expression, line: int) -> Expression:
        token = self.next
        if token.kind == "int":
            self.at += 1
            return Item(line, base, Const(line, _whole(token.text)))
        return Attr(line, base, self.name())

    def filter(self, base: Expression | None) -> Expression:
        """Return a filter over ``base``; the bar comes next, or for a filter block the name."""
        line = self.next.line
        self.accept("op", "|")
        name = self._dotted()
        given = self.arguments() if self.is_op("(") else Arguments(line)
        return Filter(line, base, name, given)

    def _dotted(self) -> str:
        name = self.name()
        while self.is_op("."):
            self.at += 1
            name += "." + self.name()
        return name

    def _test(self, base: Expression) -> Expression:
        line = self.next.line
        self.at += 1
        negated = self.accept("name", "not")
        name = self._dotted()
        token = self.next
        given = Arguments(line)
        if self.is_op("("):
            given = self.arguments()
        elif token.kind in ("string", "int", "float") or (
            token.kind == "name" and token.text not in _NO_ARGUMENT
        ) or (token.kind == "op" and token.text in ("[", "{")):  # fmt: skip
            given = Arguments(line, (self._argument_of_test(),))
        found = Test(line, base, name, given)
        return Unary(line, "not", found) if negated else found

    def _argument_of_test(self) -> Expression:
        value, chain = self._primary(), 0
        while self.is_op(".") or self.is_op("[") or self.is_op("("):
            chain = self._longer(chain)
            value = self._link(value, False) or value
        return value

    def arguments(self) -> Arguments:
        """Return the arguments within the parentheses that come next."""
        line = self.next.line
        self.expect("(")
        values: list[Expression] = []
        named: list[tuple[str, Expression]] = []
        spread: list[Expression] = []
        while not self.accept("op", ")"):
            if self.is_op("*") or self.is_op("**"):
                self.at += 1
                spread.append(self.expression())
            elif self.next.kind == "name" and self._after() == "=":
                key = self.name()
                self.at += 1
                named.append((key, self.expression()))
            else:
                values.append(self.expression())
            if not self.accept("op", ",") and not self.is_op(")"):
                raise self.refuse("',' or ')'")
        return Arguments(line, tuple(values), tuple(named), tuple(spread))

    def _after(self) -> str:
        token = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else _END
        return token.text if token.kind == "op" else ""

    def _subscript(self) -> Expression:
        line = self.next.line
        found = [self._one_subscript()]
        while self.accept("op", ","):
            found.append(self._one_subscript())
        self.expect("]")
        return found[0] if len(found) == 1 else Sequence(line, tuple(found))

    def _one_subscript(self) -> Expression:
        line = self.next.line
        if not self.is_op(":"):
            value = self.expression()
            if not self.is_op(":"):
                return value
        else:
            value = Const(line, None)
        parts: list[Expression | None] = [value]
        while self.accept("op", ":") and len(parts) < 3:
            bare = self.is_op(":") or self.is_op("]") or self.is_op(",")
            parts.append(None if bare else self.expression())
        parts += [None] * (3 - len(parts))
        return Slice(line, parts[0], parts[1], parts[2])

    def _primary(self) -> Expression:
        token = self.next
        self.at += 1
        if token.kind == "name":
            if token.text in _WORDS:
                return Const(token.line, _WORDS[token.text])
            return Name(token.line, token.text)
        if token.kind == "string":
            pieces = [token.text]
            while self.next.kind == "string":
                pieces.append(self.next.text)
                self.at += 1
            return Const(token.line, "".join(pieces))
        if token.kind == "int":
            return Const(token.line, _whole(token.text))
        if token.kind == "float":
            return Const(token.line, float(token.text.replace("_", "")))
        if token.kind == "op" and token.text in ("(", "[", "{"):
            return self._mapping(token) if token.text == "{" else self._sequence(token)
        self.at -= 1
        raise self.refuse("an expression")

    def _sequence(self, token: Token) -> Expression:
        closer = ")" if token.text == "(" else "]"
        found: list[Expression] = []
        comma = False
        while not self.accept("op", closer):
            found.append(self.expression())
            comma = self.accept("op", ",")
            if not comma and not self.is_op(closer):
                raise self.refuse(repr(closer))
        if closer == ")" and len(found) == 1 and not comma:
            return found[0]
        return Sequence(token.line, tuple(found))

    def _mapping(self, token: Token) -> Expression:
        pairs: list[tuple[Expression, Expression]] = []
        while not self.accept("op", "}"):
            key = self.expression()
            self.expect(":")
            pairs.append((key, self.expression()))
            if not self.accept("op", ",") and not self.is_op("}"):
                raise self.refuse("'}'")
        return Mapping(token.line, tuple(pairs))


def _whole(text: str) -> int:
    digits = text.replace("_", "").lower()
    bases = {"0x": 16, "0o": 8, "0b": 2}
    base = bases.get(digits[:2])
    if base is not None:
        return int(digits[2:] or "0", base)
    return int(digits or "0")
