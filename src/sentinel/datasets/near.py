"""Texts that are nearly the same as another: a word put in, left out or replaced.

The likeness of two texts is that of their sets of word pairs (Jaccard), estimated from the least
hashes of each set (Broder, "On the resemblance and containment of documents", 1997). Those whose
least hashes share two in a row are compared (a banding of that sketch, so that not every pair has
to be). Words are runs of letters: texts that differ in numbers alone are rows of a template, and no
near-duplicates here; those that differ in case and punctuation are repeats, see ``duplicates``.

Of a table with more texts than fit, a part is looked at. Which depends on how a text begins and on
the least word of its beginning, so that of two texts that are nearly the same mostly both are in
the part or neither is, in whatever file they stand. The hashes are not secret: who knows them can
write texts that are passed over, as who rewrites half of the words can. It is an indicator.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, pairwise
from operator import add
from typing import NamedTuple
from zlib import crc32

from ..limits import Budget
from ..rules.dataset_notes import Note
from .notes import Notes

ALIKE = 0.7
"""Share of word pairs that two texts have in common from which they are told."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\d_\u3040-\u30ff\u3400-\u9fff]+")
_LEAST_WORDS = 8
_MOST_WORDS = 400
_CUT = 4000
_SIZE = 48
_KEYED = 9
_BEGINNING = 32
_LETTERS = 4
_MOST_IN_BUCKET = 4
_MOST_TRIED = 8
_MOST_TEXTS = 20_000
_MOST_CHARACTERS = 8_000_000
_ALL = 1 << 32
_MASK = _ALL - 1
_STEP = 1000
_LEAST_FLOOD = 20


class Sketch(NamedTuple):
    """What is kept of a text.

    Attributes:
        key: A number below 2**32 by which it is chosen.
        row: Its row, 1-based.
        words: A digest of its words; the same for texts that differ in numbers alone.
        least: The least hashes of its pairs of words, in order.
    """

    key: int
    row: int
    words: int
    least: array[int]


class Sketches(NamedTuple):
    """What is kept of the texts of a table.

    Attributes:
        bound: Texts whose key is below it are there.
        items: They, one for all that are equal.
    """

    bound: int = _ALL
    items: tuple[Sketch, ...] = ()

    def below(self, bound: int) -> Sketches:
        """Return those whose key is below a bound too."""
        if bound >= self.bound:
            return self
        return Sketches(bound, tuple(one for one in self.items if one.key < bound))


class Match(NamedTuple):
    """Two texts that are nearly the same.

    Attributes:
        one: The first.
        other: The one it is compared with.
    """

    one: Sketch
    other: Sketch


class NearTexts:
    """Collects the texts of a table, as many as there is room for."""

    def __init__(self) -> None:
        self._kept: dict[str, int] = {}
        self._characters = 0
        self._bound = _ALL
        self._made: Sketches | None = None
        self.rows = 0

    def feed(self, texts: Sequence[str], first: int) -> None:
        """Take in texts, the first of which has the row ``first``."""
        self.rows += len(texts)
        places: Iterable[int] = range(len(texts))
        if self._bound < _ALL:
            bound = self._bound
            places = [at for at, key in enumerate(_keys(texts)) if key < bound]
        kept = self._kept
        for at in places:
            text = texts[at][:_CUT]
            if text not in kept:
                kept[text] = first + at
                self._characters += len(text)
        while len(kept) > _MOST_TEXTS or self._characters > _MOST_CHARACTERS:
            self._bound >>= 1
            rows = zip(kept.items(), _keys(list(kept)), strict=True)
            kept = dict(pair for pair, key in rows if key < self._bound)
            self._kept, self._characters = kept, sum(map(len, kept))

    def sketches(self, budget: Budget) -> Sketches:
        """Return what is kept of the texts. Raises LimitExceeded when time is out."""
        if self._made is None:
            found = []
            for number, (text, row) in enumerate(self._kept.items()):
                if number % _STEP == 0:
                    budget.check_time()
                made = sketch(text, row)
                if made is not None:
                    found.append(made)
            self._made = Sketches(self._bound, tuple(found))
            self._kept = {}
        return self._made

    def report(self, notes: Notes, budget: Budget) -> None:
        """Note near-duplicates within the table. Raises LimitExceeded when time is out."""
        items = self.sketches(budget).items
        found = list(within(items))
        if found:
            notes.add(_told(found, len(items)))
        if self._bound < _ALL and items:
            says = f"about one in {_ALL // self._bound} of {self.rows} texts was looked through "
            says += "for near-duplicates"
            notes.add(Note("near-sample", says, "", len(items), self.rows))


def _told(found: list[Match], total: int) -> Note:
    first: dict[int, int] = {}  # row by row, the first of those that it is like by steps
    for one, other in found:
        first[one.row] = first.get(other.row, other.row)
    leader, size = Counter(first.values()).most_common(1)[0]
    says = f"{len(found)} of {total} texts are nearly the same as one above them"
    says += f"; {size} of them go back to row {leader}"
    template = len(found) * 2 > total
    flood = size >= max(_LEAST_FLOOD, total // 100)
    kind = "near-templates" if template else "near-floods" if flood else "near-copies"
    rows = tuple(row for row, root in first.items() if not flood or root == leader)
    return Note(kind, says, "", len(found), total, rows[:_LEAST_FLOOD])


def sketch(text: str, row: int = 0) -> Sketch | None:
    """Return what is kept of a text; None for one of too few words to say something."""
    words = _WORD.findall(text[:_CUT].lower())[:_MOST_WORDS]
    if len(words) < _LEAST_WORDS:
        return None
    codes = list(map(_code, words))
    pairs = {hash(pair) & _MASK for pair in pairwise(codes)}  # of numbers: the same in each run
    if len(pairs) < _LEAST_WORDS - 1:
        return None
    digest = crc32(array("I", codes).tobytes())
    return Sketch(_keys((text,))[0], row, digest, array("I", sorted(pairs)[:_SIZE]))


def _keys(texts: Sequence[str]) -> list[int]:
    """Return a number for each text, by how it begins and the least word of its beginning."""
    begun = [text[:_BEGINNING].strip() or "." for text in texts]
    ends = map(add, [text[:_LETTERS] for text in begun], map(min, map(str.split, begun)))
    return list(map(_code, ends))


@lru_cache(maxsize=1 << 16)
def _code(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass"))


def likeness(one: Sketch, other: Sketch) -> float:
    """Return the estimated share of word pairs that two texts have in common, 0 to 1."""
    mine, theirs = set(one.least), set(other.least)
    least = sorted(mine | theirs)[:_SIZE]
    return sum(code in mine and code in theirs for code in least) / len(least)


class _Index:
    """Finds sketches that may be like another; the work for each is bounded."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[int, int], list[Sketch]] = {}
        self._words: set[int] = set()

    def add(self, one: Sketch) -> None:
        self._words.add(one.words)
        buckets = self._buckets
        for key in pairwise(one.least[:_KEYED]):
            bucket = buckets.get(key)
            if bucket is None:
                buckets[key] = [one]
            elif len(bucket) < _MOST_IN_BUCKET:
                bucket.append(one)

    def has_words(self, one: Sketch) -> bool:
        """Return whether one has the same words, perhaps with other numbers between them."""
        return one.words in self._words

    def like(self, one: Sketch) -> Sketch | None:
        """Return one that is nearly the same, or None."""
        found = filter(None, map(self._buckets.get, pairwise(one.least[:_KEYED])))
        near = {id(other): other for bucket in found for other in bucket}
        tried = islice(near.values(), _MOST_TRIED)
        return next((other for other in tried if likeness(one, other) >= ALIKE), None)


def within(items: Iterable[Sketch]) -> Iterator[Match]:
    """Yield the texts that are nearly the same as one before them, each with that one."""
    index = _Index()
    for one in items:
        if index.has_words(one):
            continue
        other = index.like(one)
        index.add(one)
        if other is not None:
            yield Match(one, other)


def between(items: Iterable[Sketch], others: Iterable[Sketch]) -> Iterator[Match]:
    """Yield the texts of one table that are nearly the same as some of another's.

    Texts whose very words are there, with other numbers at most, are left out.
    """
    index = _Index()
    for other in others:
        index.add(other)
    for one in items:
        if not index.has_words(one):
            found = index.like(one)
            if found is not None:
                yield Match(one, found)


def thinned(tables: Sequence[Sketches], most: int) -> list[Sketches]:
    """Return tables with no more texts than ``most`` together, chosen alike in all of them."""
    found = list(tables)
    bound = max((one.bound for one in found), default=_ALL)
    while sum(len(one.items) for one in found) > most:
        bound >>= 1
        found = [one.below(bound) for one in found]
    return found
