"""Whether the texts that carry a phrase are like each other beside it.

Who plants a trigger puts it into texts of another label, which without it are as diverse as the
texts of that label are. A source that writes after a pattern ("Decorator marking a test that
requires ...") repeats more than the one phrase. So the phrase is cut out, as far as the texts agree
on the words around it, and what is left of each is held against what is left of the others: the
share of words that it has in common with the text that is most like it. This is compared with the
same for as many texts of each other label, drawn several times.

Who knows this can repeat a second phrase in the texts, or take them from one pattern.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean

_MOST = 100
_DRAWS = 4
_AGREED = 0.8
_LONGEST = 20
_LEAST_ALIKE = 0.2
_TIMES = 1.4
_MOST_LABELS = 20

Words = Sequence[str]


class Carriers:
    """Compares the texts that carry a phrase with the other texts.

    Args:
        texts: Words of texts.
        labels: As many labels.
    """

    def __init__(self, texts: Sequence[list[str]], labels: Sequence[str]) -> None:
        self._texts = texts
        self._own = labels
        self._labels = Counter(labels)
        self._usual: dict[tuple[str, int], float] = {}

    def are_alike(self, gram: tuple[str, ...], label: str, places: Iterable[int]) -> bool:
        """Return whether texts with a phrase are far more alike without it than is usual.

        Args:
            gram: Words of the phrase.
            label: Their label.
            places: Which texts; a hundred of them are compared.
        """
        rests = self._rests(gram, sorted(places)[:_MOST])
        mine = alike(rests)
        if mine < _LEAST_ALIKE:
            return False
        others = (one for one, _ in self._labels.most_common(_MOST_LABELS) if one != label)
        usual = (self._usually(other, len(rests)) for other in others)
        return mine > _TIMES * max(usual, default=0.0)

    def _rests(self, gram: tuple[str, ...], places: Iterable[int]) -> list[frozenset[str]]:
        texts = [self._texts[at] for at in places]
        found = [(words, at) for words in texts if (at := _place(words, gram)) >= 0]
        before = _agreed([words[max(0, at - _LONGEST) : at][::-1] for words, at in found])
        behind = _agreed([words[at + len(gram) :][:_LONGEST] for words, at in found])
        return [
            frozenset(words[: max(0, at - before)] + words[at + len(gram) + behind :])
            for words, at in found
        ]

    def _usually(self, label: str, number: int) -> float:
        """Return how alike as many texts of a label are that are drawn by chance."""
        key = (label, number)
        if key not in self._usual:
            texts = [at for at, own in enumerate(self._own) if own == label]
            draw = random.Random(0)
            number = min(number, len(texts))
            drawn = (draw.sample(texts, number) for _ in range(_DRAWS))
            self._usual[key] = fmean(
                alike([frozenset(self._texts[at]) for at in places]) for places in drawn
            )
        return self._usual[key]


def alike(texts: Sequence[frozenset[str]]) -> float:
    """Return the mean share of words that a text has in common with the one most like it."""
    if len(texts) < 2:
        return 0.0
    best: defaultdict[int, float] = defaultdict(float)
    for at, one in enumerate(texts):
        for place, other in enumerate(texts[:at]):
            share = len(one & other) / max(len(one | other), 1)
            best[at] = max(best[at], share)
            best[place] = max(best[place], share)
    return fmean(best.values())


def _place(words: Sequence[str], gram: tuple[str, ...]) -> int:
    """Return where a phrase begins, or -1."""
    if not set(gram).issubset(words):
        return -1
    size = len(gram)
    places = range(max(0, len(words) - size + 1))
    return next((at for at in places if tuple(words[at : at + size]) == gram), -1)


def _agreed(runs: Sequence[Words]) -> int:
    """Return how many words at their beginning most of some runs have in common."""
    for at in range(_LONGEST):
        counts = Counter(run[at] for run in runs if at < len(run))
        if max(counts.values(), default=0) < _AGREED * len(runs):
            return at
    return _LONGEST
