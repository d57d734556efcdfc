"""A naive Bayes classifier of texts that asks for evidence, not for the likeliest label."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

_LEAST = 1.0
"""How much likelier a text must be under another label, as a logarithm."""

_Scores = Mapping[str, Sequence[float]]


class Bayes:
    """Naive Bayes, each word of a text counted once, in two ways.

    How often a word comes with a label is its share of all words of that label, or the share of the
    texts of that label that have it. Where some texts of a label are longer the first makes all
    other words of theirs rarer, and the second does where all are; what both say is of the words.

    Args:
        texts: Words of texts.
        labels: Their labels.
    """

    def __init__(self, texts: Iterable[list[str]], labels: list[str]) -> None:
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for words, label in zip(texts, labels, strict=True):
            counts[label].update(set(words))
        self._labels = {label: at for at, label in enumerate(sorted(counts))}
        tables = [counts[label] for label in self._labels]
        vocabulary = set().union(*tables)
        totals = Counter(labels)
        self._by_word = _scores(
            vocabulary, tables, [sum(table.values()) + len(vocabulary) for table in tables]
        )
        self._by_text = _scores(vocabulary, tables, [totals[label] + 2 for label in self._labels])

    def contradicts(self, words: Iterable[str], label: str) -> bool:
        """Return whether words speak for another label than theirs, in both ways.

        How many texts a label has says nothing here: words that say nothing contradict no label.

        Args:
            words: Words of a text.
            label: Its label.
        """
        at = self._labels.get(label)
        known = [word for word in set(words) if word in self._by_word]
        if at is None or not known:
            return False
        return all(_margin(scores, known, at) > _LEAST for scores in (self._by_word, self._by_text))


def _scores(
    vocabulary: Iterable[str], tables: Sequence[Counter[str]], totals: Sequence[int]
) -> _Scores:
    return {
        word: [math.log((table[word] + 1) / total)
               for table, total in zip(tables, totals, strict=True)]
        for word in vocabulary
    }  # fmt: skip


def _margin(scores: _Scores, words: Sequence[str], at: int) -> float:
    """Return by how much words are likelier under the likeliest label than under one."""
    columns = zip(*(scores[word] for word in words), strict=True)
    sums = [math.fsum(column) for column in columns]
    return max(sums) - sums[at]
