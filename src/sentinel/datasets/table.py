"""Watches the rows of one table, whatever file they came from."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import LimitExceeded
from ..findings import Gap, Location
from ..limits import Budget
from ..rules.dataset_notes import Note
from . import trigger
from .cells import Formulas
from .duplicates import Seen, Texts
from .labels import Labels
from .near import NearTexts, Sketches
from .notes import Notes, Place
from .options import Options
from .orders import Orders

_LABELS = frozenset((
    "label", "labels", "class", "classes", "target", "sentiment", "category", "intent", "spam",
    "is_spam", "toxic", "is_toxic", "toxicity", "polarity", "stance", "emotion", "topic",
    "gold_label", "label_text", "lable", "class_label", "y",
))  # fmt: skip
_NUMBERS = frozenset(
    ("", "id", "idx", "index", "row", "unnamed: 0", "no", "number", "uid", "guid", "uuid", "key")
)
_WORDS = 4
_LONG = 20
_JUDGED = 500
_SHOWN_TRIGGERS = 5

Column = Sequence[str]


class TableWatch:
    """What the rows of a table have shown so far.

    Args:
        options: How the dataset is validated.
        place: Where a gap would be.
    """

    def __init__(self, options: Options, place: Location) -> None:
        self._options = options
        self._place = place
        self._formulas = Formulas()
        self.orders = Orders()
        self._labels = Labels()
        self._texts = Texts(options.rows)
        self._near = NearTexts()
        self.near = Sketches()
        self._sample: list[tuple[int, str, str]] = []
        self._bound = _WORD + 1
        self._label = -1
        self._text: list[int] = []
        self._missing: list[str] = []
        self.names: tuple[str, ...] = ()
        self.seen = Seen(options.rows)
        self.rows = 0

    def begin(self, names: Sequence[str], columns: Sequence[Column]) -> None:
        """Learn the names of the columns, and by the first rows what is in them.

        Args:
            names: Names; empty ones where the table has none.
            columns: The cells of the first rows.
        """
        self.names = tuple(names)
        folded = [name.strip().lower() for name in names]
        self._label = self._named(folded, self._options.label)
        if not self._options.label:
            fits = [at for at, name in enumerate(folded) if name in _LABELS]
            self._label = fits[0] if len(fits) == 1 else -1
        if self._options.text:
            at = self._named(folded, self._options.text)
            self._text = [at] if at >= 0 else []
        else:
            self._text = [
                at for at, column in enumerate(columns)
                if at != self._label and _is_prose(column)
            ]  # fmt: skip

    def _named(self, folded: list[str], name: str) -> int:
        if not name:
            return -1
        wanted = name.strip().lower()
        if wanted not in folded:
            self._missing.append(name)
            return -1
        return folded.index(wanted)

    def feed(self, columns: Sequence[Column], line: int = 0, rows: int | None = None) -> None:
        """Take in rows, as columns.

        Args:
            columns: The cells; where there are more or fewer than rows, whose they are is unknown.
            line: Line of the first row, each on one of its own; 0 when not known.
            rows: How many there are; None for as many as the longest column has cells.
        """
        first = self.rows + 1
        height = max(map(len, columns), default=0) if rows is None else rows
        self.rows += height
        for at, column in enumerate(columns):
            name = self.names[at] if at < len(self.names) else ""
            row = first if len(column) == height else 0
            self._formulas.feed(column, row, line, name or f"#{at + 1}")
            self.orders.feed(column, name or f"#{at + 1}", row, line)
        self._meaning(columns, first)

    def extra(self, cells: Sequence[str], place: Place) -> None:
        """Look at cells right of the last column."""
        for cell in cells:
            column = place.column or "beyond the last"
            self._formulas.feed((cell,), place.row, place.line, column)
            self.orders.feed((cell,), column, place.row, place.line)

    def _meaning(self, columns: Sequence[Column], first: int) -> None:
        height = self.rows - first + 1
        labels = self._column(columns, self._label, height)
        if labels is not None:
            self._labels.feed(labels, first)
        parts = [self._column(columns, at, height) for at in self._text]
        whole = [part for part in parts if part is not None]
        if not whole:
            return
        texts = (
            whole[0]
            if len(whole) == 1
            else ["\n".join(cells) for cells in zip(*whole, strict=True)]
        )
        self._texts.feed(texts, labels, first)
        self._near.feed(texts, first)
        if labels is not None:
            self._keep(texts, labels, first)

    def _column(self, columns: Sequence[Column], at: int, height: int) -> Column | None:
        if not 0 <= at < len(columns) or len(columns[at]) != height:
            return None
        return columns[at]

    def _keep(self, texts: Column, labels: Column, first: int) -> None:
        """Keep some texts: all at first, half of the rows whenever there are too many.

        Which ones follows from their numbers, spread so that no order of the labels matters.
        """
        bound = self._bound
        self._sample += [
            (row, text[:_CUT], label)
            for row, (text, label) in enumerate(zip(texts, labels, strict=True), first)
            if row * _GOLDEN & _WORD < bound
        ]
        while len(self._sample) > self._options.sample:
            self._bound >>= 1
            self._sample = [one for one in self._sample if one[0] * _GOLDEN & _WORD < self._bound]

    def finish(self, notes: Notes, budget: Budget) -> None:
        """Note all that the rows have shown; what takes long only while there is time."""
        self._formulas.report(notes, self.rows)
        self.orders.report(notes)
        self.seen.report(notes)
        label = self.names[self._label] if self._label >= 0 else ""
        classes = self._labels.are_classes
        if label:
            self._labels.report(notes, label)
        self._texts.report(notes, alone=classes and self._is_alone())
        try:
            self._near.report(notes, budget)
            self.near = self._near.sketches(budget)
            if label and classes and self._sample:
                budget.check_time()
                self._triggers(notes, label)
        except LimitExceeded as error:
            what = "near-duplicates and words that decide the label were not looked for"
            notes.gaps.append(Gap("limit", self._place, f"{what}: {error.message}", error.hint))
        for name in self._missing:
            detail = f"there is no column {name!r}; what it was wanted for was not looked at"
            notes.gaps.append(Gap("unsupported", self._place, detail, "give its name as it stands"))
        unseen = max(self.seen.unseen, self._texts.unseen)
        if unseen:
            detail = f"repeats were looked for among the first {self._options.rows} different rows;"
            detail += f" {unseen} rows were compared with those alone"
            notes.gaps.append(Gap("sampled", self._place, detail))

    def digests(self) -> frozenset[int]:
        """Return digests of the texts, or of the rows of a table without text."""
        return self._texts.digests() if self._text else frozenset(self.seen.digests)

    def _is_alone(self) -> bool:
        known = {self._label, *self._text}
        rest = (name for at, name in enumerate(self.names) if at not in known)
        return all(name.strip().lower() in _NUMBERS for name in rest)

    def _triggers(self, notes: Notes, label: str) -> None:
        _, texts, labels = zip(*self._sample, strict=True)
        found, number = trigger.find(texts, labels)
        for one in found[:_SHOWN_TRIGGERS]:
            says = f"{one.words!r} comes with the label {one.label!r} in {one.carriers} of {number}"
            says += f" texts; without it {one.against} of {one.looked} read like another label"
            says += f" (usual for this label: {one.usual:.0%})"
            if one.alike:
                says += "; those texts are like each other beside it too, as from one source"
            rows = self._rows_with(one.words, one.label)
            kind = "trigger-source" if one.alike else "trigger"
            notes.add(Note(kind, says, one.words, one.carriers, number, rows, column=label))
        if number and number < self.rows:
            says = f"{number} of {self.rows} rows were looked through for triggers"
            notes.add(Note("trigger-sample", says, "", number, self.rows))

    def _rows_with(self, words: str, label: str) -> tuple[int, ...]:
        return tuple(
            row for row, text, own in self._sample
            if own == label and words in " ".join(trigger.words_of(text))
        )[:10]  # fmt: skip


_GOLDEN, _WORD = 0x9E3779B1, 0xFFFFFFFF
_CUT = 4000
"""Characters of a text that are kept for the search for triggers."""


def _is_prose(column: Column) -> bool:
    """Return True for cells that are mostly sentences."""
    cells = [cell for cell in column[:_JUDGED] if cell]
    if not cells:
        return False
    wordy = sum(cell.count(" ") >= _WORDS - 1 for cell in cells)
    return wordy * 2 >= len(cells) and sum(map(len, cells)) >= _LONG * len(cells)
