"""What a format is, and what its parser gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from ..artifacts import Artifact
from ..findings import Gap
from ..limits import Budget
from ..readers.base import Reader


class Member(NamedTuple):
    """Something inside a container that is to be scanned in its own right.

    Attributes:
        key: Identity within the container (for a zip, the offset of its local header).
        name: Name as the container gives it, made printable by the reports, not here.
        open: Gives its bytes; may raise SentinelError, which becomes a gap for this member alone.
        formats: Formats to read it as; empty means that its content decides.
        parsed: What a parser already made of it, so that it is not parsed twice.
        guess: True for bytes that merely look like a file; that they are not one is then no gap.
    """

    key: int
    name: str
    open: Callable[[], Reader]
    formats: tuple[str, ...] = ()
    parsed: Parsed | None = None
    guess: bool = False


class Parsed(NamedTuple):
    """What a parser learned.

    Attributes:
        model: Inert facts for the rules, typed by the format.
        members: What to look into next; may be a generator.
        gaps: What was not read, and why.
        claims: Keys of members that this parser has accounted for (storages proven to be plain
            tensor data, or members it passes on itself); the plain container leaves them alone.
        container: What the container's own parser would have made of the artifact, where this one
            has read the container already.
    """

    model: object
    members: Iterable[Member] = ()
    gaps: tuple[Gap, ...] = ()
    claims: frozenset[int] = frozenset()
    container: Parsed | None = None


class Parser(Protocol):
    """Turns bytes into facts."""

    def __call__(self, artifact: Artifact, budget: Budget) -> Parsed:
        """Parse one artifact. Raises ParseError, ReadError or LimitExceeded."""
        ...


class Format(NamedTuple):
    """One line of the format table.

    Attributes:
        name: Stable short name.
        title: What people call it.
        suffixes: Lower-case file name endings, with the dot. They choose the format only when the
            content names none, and choose what a directory walk calls a model file.
        magic: ``(offset, bytes)`` pairs; any one of them identifies the format.
        parse: ``module:function`` below ``sentinel.formats``; empty for a format that is known but
            not read yet (its files are reported as incomplete).
        recognise: ``module:function`` below ``sentinel.formats``, called as
            ``(artifact, head) -> bool`` where magic bytes are not enough.
        hint: Regular expression that the first bytes must match before ``recognise`` is asked, so
            that its module is imported only when it may say yes.
        tail: Bytes that must occur in the last 64 KiB instead of ``hint``.
        shared_suffixes: Those of ``suffixes`` that ordinary text files bear too (Python's path
            files are ``.pth``, Julia's sources ``.jl``); they say nothing about a file of text.
        within: Name of the container format this is a kind of (``zip``): ``recognise`` is then
            asked only for artifacts of that container, and both formats are parsed, this one first.
            ``tail`` is then a name (lower case) that the directory of the archive must hold.
        instead: True for a kind that accounts for every byte itself: nothing else is parsed then.
        named: True for a kind that is asked for only under one of its suffixes.
        asks: Endings (with the dot) or whole names, lower case, of ordinary files that may be of
            this kind: ``recognise`` is asked for those whatever their first bytes are, and
            says no to all that neither stand beside a model nor bear the marks of the kind.
    """

    name: str
    title: str
    suffixes: tuple[str, ...] = ()
    magic: tuple[tuple[int, bytes], ...] = ()
    parse: str = ""
    recognise: str = ""
    within: str = ""
    hint: bytes = b""
    tail: bytes = b""
    shared_suffixes: tuple[str, ...] = ()
    instead: bool = False
    named: bool = False
    asks: tuple[str, ...] = ()
