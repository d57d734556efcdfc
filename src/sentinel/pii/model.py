"""Types of the detector: what is looked for, what was found, and what is looked at.

A value that was found is never kept: a detection says its type, place, length class and keyed
hash, nothing that could be read back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple

from ..findings import Gap, Severity


class Likelihood(IntEnum):
    """How likely a value is what it looks like (the five levels of Google's Sensitive Data
    Protection, so that people need not learn ours).

    ``VERY_UNLIKELY`` and ``UNLIKELY`` are shape alone; ``POSSIBLE`` a weak checksum or no context;
    ``LIKELY`` a strong structure, or a weak one with a cue; ``VERY_LIKELY`` a strong checksum, a
    provider's own prefix, or a column whose header and values agree.
    """

    VERY_UNLIKELY = 1
    UNLIKELY = 2
    POSSIBLE = 3
    LIKELY = 4
    VERY_LIKELY = 5

    @property
    def label(self) -> str:
        """The lower-case name, as options and reports spell it."""
        return self.name.lower()


class InfoType(NamedTuple):
    """A kind of personal data or credential.

    Attributes:
        name: Its name (``CREDIT_CARD``).
        title: What people call it.
        category: ``credentials``, ``financial``, ``government_id``, ``health``, ``contact``,
            ``network``, ``demographic`` or ``location``.
        severity: How bad a leak of one is.
        locale: ISO 3166 code of the country whose it is, lower case; empty for all.
        cues: Words in front of a value that tell what it is, in any language, lower case.
        headers: Names of columns and keys that hold it, as lower-case words with single spaces.
    """

    name: str
    title: str
    category: str
    severity: Severity
    locale: str
    cues: tuple[str, ...]
    headers: tuple[str, ...]


class Rule(NamedTuple):
    """One shape of an info type.

    Attributes:
        id: Kebab-case name, unique.
        type: Name of the info type.
        where: ``text`` (searched for everywhere), ``cue`` (only looked for behind a cue of the
            type) or ``column`` (only tried on cells and on values of JSON keys).
        pattern: Regular expression on UTF-8 bytes, in the syntax that RE2 and ``re`` share: no
            look-around, no back-references. A group named ``value`` marks the value where the
            pattern holds more than that.
        bounds: Name of what must not touch the match: ``word`` (letters, digits, ``_``, and
            ``. + -`` joined to more), ``token`` (letters, digits, ``_`` and ``-``), ``digits``
            or ``none``.
        validator: Name of a function of ``sentinel.pii.validators``; empty for none.
        context: Name of a function of ``sentinel.pii.context``, which looks at what is around the
            match and may lower the likelihood; empty for none.
        likelihood: Without a cue.
        cued: With a cue of the type in front.
        literals: Bytes of which one must occur (in any case) wherever the pattern matches; empty
            when there are none. They decide where the pattern is tried.
        gate: Pattern that matches wherever ``pattern`` does and makes a smaller automaton, for
            rules whose literals are everywhere and for patterns of many repeats; empty for none.
        ignore_case: Whether case matters not.
        multiline: Whether a line may end within a match, other than at its first or last byte.
        mark: A byte that is once in each match, behind the start of it, by which the rule is found
            (``pieces.by_mark``); empty for none.
        near: Bytes of a match that may be in front of its mark.
    """

    id: str
    type: str
    where: str
    pattern: str
    bounds: str
    validator: str
    context: str
    likelihood: Likelihood
    cued: Likelihood
    literals: tuple[str, ...]
    gate: str
    ignore_case: bool
    multiline: bool = False
    mark: str = ""
    near: int = 0


class Validator(NamedTuple):
    """A check of a value's inner logic.

    Attributes:
        check: Takes the value as it stands in the text, separators included; never raises.
        odds: Share of random values of the right shape that pass (0.1 for a Luhn digit, about
            0.01 for a check of 97); 1 when it has no checksum.
    """

    check: Callable[[str], bool]
    odds: float


class Place(NamedTuple):
    """Where in a file something was found.

    Attributes:
        path: Place within the file, parts joined by ``!`` or ``/`` as its reader names them
            (``xl/worksheets/sheet1.xml``, ``cell/3/source``, ``row_group/0``); empty for a file
            of plain text.
        line: 1-based line, or None.
        offset: Byte offset in the text as UTF-8, or None.
        length: Bytes of the value there, or None.
        column: Name of the column or path of the key; empty outside of tables.
        row: 1-based row of the table (headers not counted), or None.
    """

    path: str = ""
    line: int | None = None
    offset: int | None = None
    length: int | None = None
    column: str = ""
    row: int | None = None


class Detection(NamedTuple):
    """A value, or a column of values, that was found.

    Attributes:
        info_type: Name of its type.
        rule: Id of the rule that found it, or ``column``.
        likelihood: How likely it is.
        severity: How bad, with the severities of the settings.
        place: Where; for a column, its first value.
        digest: Keyed hash of the value, 12 hexadecimal digits; of a column's first value.
        length_class: ``1-8``, ``9-16``, ``17-32``, ``33-64`` or ``65+`` characters.
        count: Values it stands for.
        rows: Rows that were read where it stands for a column, else 0.
        more: Further rows of the column, fifteen at most.
    """

    info_type: str
    rule: str
    likelihood: Likelihood
    severity: Severity
    place: Place
    digest: str
    length_class: str
    count: int = 1  # type: ignore[assignment]  # tuple.count goes unused
    rows: int = 0
    more: tuple[int, ...] = ()


class Text(NamedTuple):
    """A run of text to look at.

    Attributes:
        data: The text as UTF-8; broken bytes may be in it.
        path: See ``Place.path``.
        offset: Byte offset of ``data`` in the whole text of that path.
        line: 1-based line of its first byte; 0 where lines mean nothing.
        prose: Whether people wrote it for people (a card, a document): names are looked for in
            such text alone.
    """

    data: bytes
    path: str = ""
    offset: int = 0
    line: int = 1
    prose: bool = False


class Batch(NamedTuple):
    """Rows of a table, by column.

    Attributes:
        path: See ``Place.path``; batches of one path belong together.
        names: Names of the columns (or paths of keys), the same for all batches of a path but for
            columns that are met later and added at the end; an empty name means that there is no
            header.
        columns: Cells by column; an empty cell is no value, and a column may have no cells here.
        first: 1-based number of the first row.
        lines: 1-based line of each row where the file has lines, else empty.
    """

    path: str
    names: tuple[str, ...]
    columns: Sequence[Sequence[str]]
    first: int = 1
    lines: Sequence[int] = ()


STATISTICS = "statistics"
"""Path of the least and greatest values that a file keeps of its columns."""


class Skipped(NamedTuple):
    """What sampling left out.

    Attributes:
        path: See ``Place.path``.
        read: Bytes (or rows, see ``unit``) that were read.
        total: Of how many.
        unit: ``bytes`` or ``rows``.
    """

    path: str
    read: int
    total: int
    unit: str = "bytes"


Piece = Text | Batch | Skipped | Gap
Pieces = Iterable[Piece]
