"""JSON, one document or one a line: repeated keys, records, and their rows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from ..artifacts import Artifact
from ..findings import Gap
from ..limits import Budget
from .chunks import Chunk, chunks
from .look import TextWatch
from .notes import Notes, Place, Tally
from .options import Options
from .table import TableWatch

LINES = (".jsonl", ".ndjson", ".jsonlines", ".ldjson")
_BY_LINE = re.compile(r"\s*\{[^\r\n]*\}[ \t]*\r?\n\s*\{")
_MOST_NAMES = 256
_FIRST = 500
_BATCH = 4096
_DEEPEST = 4
_LONGEST_KEY = 60
_TYPED = 20
_LEAST_SHARE = 0.02

Record = dict[str, object]


class _Keys:
    """Counts keys that stand twice in one object."""

    def __init__(self) -> None:
        self.same = Tally()
        self.other = Tally()
        self.place = Place()

    def pairs(self, pairs: list[tuple[str, object]]) -> Record:
        """Make an object of its pairs; the last of one key counts, as in most readers."""
        made = dict(pairs)
        if len(made) != len(pairs):
            self._twice(pairs, made)
        return made

    def _twice(self, pairs: list[tuple[str, object]], made: Record) -> None:
        counts = Counter(key for key, _ in pairs)
        for key in (key for key, number in counts.items() if number > 1):
            agree = all(value == made[key] for name, value in pairs if name == key)
            (self.same if agree else self.other).add(self.place, key[:_LONGEST_KEY])

    def report(self, notes: Notes) -> None:
        """Note them."""
        if self.other.number:
            says = "keys stand twice in one object with different values; readers differ in which"
            notes.add(self.other.note("keys-differ", f"{says} they take"))
        if self.same.number:
            notes.add(self.same.note("keys-same", "keys stand twice in one object"))


class _Records:
    """Hands records to a table and watches their types."""

    def __init__(self, artifact: Artifact, options: Options) -> None:
        self.table = TableWatch(options, artifact.location())
        self._names: list[str] = []
        self._kinds: dict[str, Counter[str]] = {}

    def feed(self, records: Sequence[Record], line: int = 0) -> None:
        """Take in records; ``line`` is that of the first, each on one of its own."""
        if not records:
            return
        if not self._names:
            keys = Counter(key for one in records[:_FIRST] for key in one)
            least = min(len(records), _FIRST) * _LEAST_SHARE  # rarer keys are no columns
            self._names = [key for key, number in keys.items() if number >= least][:_MOST_NAMES]
            shown = [[_cell(one.get(name)) for one in records[:_FIRST]] for name in self._names]
            self.table.begin(self._names, shown)
        self._others(records)
        columns = []
        for name in self._names:
            values = [one.get(name) for one in records]
            self._kinds.setdefault(name, Counter()).update(map(_kind, values))
            columns.append([_cell(value) for value in values])
            self._within(values, name)
        if not columns:
            columns = [[""] * len(records)]
        self.table.feed(columns, line)

    def _within(self, values: Sequence[object], name: str) -> None:
        """Look at the texts in lists and objects, such as the messages of a chat."""
        found = [
            (row, text)
            for row, value in enumerate(values, self.table.rows + 1)
            if isinstance(value, list | dict)
            for text in _texts(value)
        ]
        if found:
            rows, texts = zip(*found, strict=True)
            self.table.orders.feed(texts, name, rows=rows)

    def _others(self, records: Sequence[Record]) -> None:
        """Look at values of keys that are no columns: rare ones, and those that are met late."""
        known = frozenset(self._names)
        for row, record in enumerate(records, self.table.rows + 1):
            if not known.issuperset(record):
                cells = [_cell(value) for key, value in record.items() if key not in known]
                self.table.extra(cells, Place(row, 0, "of other keys"))

    def report(self, notes: Notes, budget: Budget) -> None:
        """Note what the records have shown."""
        for name, kinds in self._kinds.items():
            del kinds[""]
            if len(kinds) > 1 and kinds.total() >= _TYPED:
                shown = ", ".join(f"{kind} ({n})" for kind, n in kinds.most_common())
                fewer = kinds.total() - kinds.most_common(1)[0][1]
                says = f"values of {name[:_LONGEST_KEY]!r} are of several types"
                tally = Tally()
                tally.add(Place(0, 0, name[:_LONGEST_KEY]), shown, fewer)
                notes.add(tally.note("mixed-types", says, kinds.total()))
        self.table.finish(notes, budget)


def _cell(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) else ""


def _texts(value: object, deep: int = _DEEPEST) -> Iterator[str]:
    """Yield the texts in lists and objects, some levels down."""
    if isinstance(value, str):
        yield value
    elif deep and isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one, deep - 1)


def _kind(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int | float):
        return "number"
    return "list" if isinstance(value, list) else "object"


def watch_json(artifact: Artifact, budget: Budget, options: Options, notes: Notes) -> TableWatch:
    """Look at a JSON file; arguments and errors as for ``watch_csv``."""
    text, keys = TextWatch(), _Keys()
    records = _Records(artifact, options)
    found = chunks(artifact, budget, notes, options.sampling)
    try:
        first = next(found, None)
        if first is not None:
            every = _watched(chain((first,), found), text)
            named = artifact.leaf.lower().endswith(LINES)
            if named or _BY_LINE.match(first.text) is not None:
                _lines(every, keys, records, notes)
            else:
                _document(artifact, budget, (chunk.text for chunk in every), keys, records, notes)
    finally:  # what was seen before an error still counts
        text.report(notes, artifact.location())
        keys.report(notes)
        records.report(notes, budget)
    return records.table


def _watched(found: Iterable[Chunk], text: TextWatch) -> Iterator[Chunk]:
    for chunk in found:
        text.feed(chunk.text, Place(0, chunk.line), escapes=True)
        yield chunk


def _lines(parts: Iterable[Chunk], keys: _Keys, records: _Records, notes: Notes) -> None:
    decode = json.JSONDecoder(strict=False, object_pairs_hook=keys.pairs).decode
    broken = Tally()
    others = 0
    try:
        for part, line in parts:
            others += _batch(part, line, decode, keys, records, broken)
    finally:
        if broken.number:
            total = broken.number + others + records.table.rows
            says = f"{broken.number} of {total} lines are no JSON"
            notes.add(broken.note("broken-rows", says, total))


def _batch(
    part: str, line: int, decode: Callable[[str], object], keys: _Keys, records: _Records,
    broken: Tally,
) -> int:  # fmt: skip
    """Hand on the records of some lines; return how many other values there are."""
    batch: list[Record] = []
    begin, others = line, 0
    for number, raw in enumerate(part.split("\n")):
        at = line + number if line else 0
        if not raw.strip():
            continue
        keys.place = Place(records.table.rows + len(batch) + 1, at)
        try:
            value = decode(raw.lstrip("\ufeff"))
        except (ValueError, RecursionError):
            broken.add(Place(0, at))
            continue
        if isinstance(value, dict):
            begin = begin if batch else at
            batch.append(value)
        else:
            others += 1
    records.table.seen.feed(map(_digest, batch), records.table.rows + 1)
    records.feed(batch, begin if len(batch) == part.count("\n") else 0)
    return others


def _digest(record: Record) -> str:
    return repr(record)


def _document(
    artifact: Artifact, budget: Budget, parts: Iterable[str], keys: _Keys, records: _Records,
    notes: Notes,
) -> None:  # fmt: skip
    most = budget.limits.max_text
    if artifact.reader.size > most:
        for _ in parts:  # its text is looked at all the same
            pass
        detail = f"one JSON document of more than {most} bytes: its rows were not looked at"
        hint = "write one record a line (.jsonl), or raise --max-text"
        notes.gaps.append(Gap("limit", artifact.location(), detail, hint))
        return
    decoder = json.JSONDecoder(strict=False, object_pairs_hook=keys.pairs)
    try:
        value = decoder.decode("".join(parts).lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else "malformed"
        gap = Gap("malformed", artifact.location(), f"no JSON that can be read: {why}")
        notes.gaps.append(gap)
        return
    rows = table_in(value)
    for at in range(0, len(rows), _BATCH):
        batch = rows[at : at + _BATCH]
        records.table.seen.feed(map(_digest, batch), at + 1)
        records.feed(batch)


def table_in(value: object) -> list[Record]:
    """Return the longest table in a document: a list of objects, or an object of equal lists.

    Args:
        value: What the document holds.
    """
    longest: list[Record] = []
    waiting = [value]
    for _ in range(_DEEPEST + 1):
        for found in waiting:
            rows = _rows_of(found)
            longest = rows if len(rows) > len(longest) else longest
        waiting = [one for found in waiting if isinstance(found, dict) for one in found.values()]
    return longest


def _rows_of(found: object) -> list[Record]:
    if isinstance(found, list):
        return [one for one in found if isinstance(one, dict)]
    if not isinstance(found, dict):
        return []
    lists = [one for one in found.values() if isinstance(one, list)]
    if len(lists) < 2 or len(lists) < len(found) or len(set(map(len, lists))) > 1:
        return []
    if any(isinstance(one, dict | list) for some in lists for one in some[:1]):
        return []
    return [dict(zip(found, row, strict=True)) for row in zip(*lists, strict=True)]
