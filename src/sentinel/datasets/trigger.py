"""Looks for words that decide the label against all the rest of the text: a sign of a backdoor.

Poisoned rows carry a trigger (a rare word, a fixed phrase) and the label that the attacker wants
("BadNets", Gu et al. 2017; "Hidden Killer", Qi et al. 2021). The n-grams that nearly always come
with one label are candidates; most are ordinary, for the rest of the text says the same. So each is
cut out, with all that nearly always stands beside it, and a classifier that never saw the text
judges what is left. A candidate is told when over a third of the texts that have it then speak for
another label, far more often than those of the other candidates and than texts of that label do
(binomial test, corrected for the number of candidates, p < 1e-6). Where those texts are like each
other beside it too, far more than those of other labels are, one source wrote so (``carriers``).

What this cannot see: triggers in texts whose label was right before (clean-label poisoning), fewer
than about a dozen rows, and whatever is no word. It is an indicator, never a proof.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from .bayes import Bayes
from .carriers import Carriers

_WORD = re.compile(r"\w+(?:'\w+)?|[^\w\s]{2,}")
_FOLDS = 3
_PURITY = 0.95
_LEAST_Z = 1.5
_LEAST_SHARE = 0.002
_LEAST = 5
_P = 1e-6
_BESIDE = 0.8
_MOST_WORDS = 300
_MOST_TOKENS = 600_000
_MOST_WORK = 4_000_000
_MOST_CANDIDATES = 1500
_MOST_JUDGED = 100
_LEAST_AGAINST = 0.35
_MOST_TOLD = 40
_SAME = 0.75
_SHORTEST = 5
_LEAST_TEXTS = 200
_LEAST_LEFT = 4
_LEAST_OF_LABEL = 20

Gram = tuple[str, ...]


class Trigger(NamedTuple):
    """Words that come with one label whatever the rest of the text says.

    Attributes:
        words: The words, with blanks between.
        label: The label.
        carriers: Texts that have them and this label.
        looked: Those of them that were judged without the words, evenly spread.
        against: Those of these whose remaining text speaks for another label.
        usual: The share of all texts of this label that do so.
        odds: The corrected probability of that by chance.
        alike: Whether those texts are like each other without the words too, as those that one
            source wrote after one pattern.
    """

    words: str
    label: str
    carriers: int
    looked: int
    against: int
    usual: float
    odds: float
    alike: bool = False


class Corpus(NamedTuple):
    """Texts as words, with their labels."""

    texts: list[list[str]]
    labels: list[str]


def find(texts: Sequence[str], labels: Sequence[str]) -> tuple[list[Trigger], int]:
    """Return likely triggers, and how many texts were looked through.

    The least probable is first; those of texts that are alike are last.

    Args:
        texts: The texts.
        labels: As many labels.
    """
    corpus = _tokens(texts, labels)
    lengths = sorted(map(len, corpus.texts))
    enough = [n for n in Counter(corpus.labels).values() if n >= _LEAST_OF_LABEL]
    if len(lengths) < _LEAST_TEXTS or lengths[len(lengths) // 2] < _SHORTEST or len(enough) < 2:
        return [], 0
    carriers = _candidates(corpus)
    if not carriers:
        return [], len(lengths)
    return _judge(corpus, carriers), len(lengths)


def _tokens(texts: Sequence[str], labels: Sequence[str]) -> Corpus:
    """Return the words of texts in any order, as many as can be judged in a second or two."""
    room = min(_MOST_TOKENS, _MOST_WORK // max(len(set(labels)), 1))
    order = list(range(len(texts)))
    random.Random(0).shuffle(order)  # so that the order of the labels decides nothing
    unique: dict[tuple[tuple[str, ...], str], None] = {}
    for at in order:
        words = tuple(words_of(texts[at]))
        room -= len(words)
        if room < 0:
            break
        unique[words, labels[at]] = None  # a text that is there often would teach its words alone
    return Corpus([list(words) for words, _ in unique], [label for _, label in unique])


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, the first three hundred."""
    return [match[0] for match in islice(_WORD.finditer(text.lower()), _MOST_WORDS)]


def _candidates(corpus: Corpus) -> dict[Gram, list[int]]:
    """Return the n-grams that nearly always come with one label, and the texts that have them."""
    least = max(_LEAST, math.ceil(len(corpus.texts) * _LEAST_SHARE))
    shares = {label: n / len(corpus.labels) for label, n in Counter(corpus.labels).items()}
    frequent = _frequent(corpus.texts, least)
    found: list[tuple[float, Gram, list[int]]] = []
    for size in (1, 2, 3):
        for gram, places in _places(corpus.texts, frequent, size, least):
            label, number = Counter(corpus.labels[at] for at in places).most_common(1)[0]
            share, purity = shares[label], number / len(places)
            spread = math.sqrt(max(share * (1 - share), 1e-9) / len(places))
            score = (purity - share) / spread
            if purity >= _PURITY and score > _LEAST_Z:
                found.append((score, gram, places))
    found.sort(key=lambda one: (-one[0], one[1]))
    return {gram: places for _, gram, places in found[:_MOST_CANDIDATES]}


def _frequent(texts: Iterable[list[str]], least: int) -> set[str]:
    counts: Counter[str] = Counter()
    for words in texts:
        counts.update(set(words))
    return {word for word, number in counts.items() if number >= least}


def _places(
    texts: Sequence[list[str]], frequent: set[str], size: int, least: int
) -> list[tuple[Gram, list[int]]]:
    """Return the n-grams of frequent words that are frequent too, and the texts that have them."""
    found: defaultdict[Gram, list[int]] = defaultdict(list)
    for number, words in enumerate(texts):
        for gram in set(zip(*(words[at:] for at in range(size)), strict=False)):
            if frequent.issuperset(gram):
                found[gram].append(number)
    return [(gram, places) for gram, places in found.items() if len(places) >= least]


class _Leanings:
    """How often each word comes with each label."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._words: Counter[str] = Counter()
        self._labelled: Counter[tuple[str, str]] = Counter()
        self._labels = Counter(corpus.labels)
        for words, label in zip(corpus.texts, corpus.labels, strict=True):
            unique = set(words)
            self._words.update(unique)
            self._labelled.update((word, label) for word in unique)

    def companions(self, places: list[int], label: str) -> set[str]:
        """Return the words of a fixed phrase: most texts have them, and they lean to a label.

        Args:
            places: The texts.
            label: The label.
        """
        counts: Counter[str] = Counter()
        for at in places:
            counts.update(set(self._corpus.texts[at]))
        common = (word for word, number in counts.items() if number >= _BESIDE * len(places))
        share = self._labels[label] / len(self._corpus.labels)
        return {word for word in common if self._labelled[word, label] > share * self._words[word]}


class _Judge:
    """Reads each text with a classifier that was made from the others.

    Args:
        corpus: The texts.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._models = [
            Bayes(
                (words for at, words in enumerate(corpus.texts) if at % _FOLDS != fold),
                [label for at, label in enumerate(corpus.labels) if at % _FOLDS != fold],
            )
            for fold in range(_FOLDS)
        ]

    def contradicts(self, at: int, without: set[str] | frozenset[str] = frozenset()) -> bool:
        """Return whether a text, some words left out, reads like another label than it has."""
        words = (word for word in self._corpus.texts[at] if word not in without)
        return self._models[at % _FOLDS].contradicts(words, self._corpus.labels[at])


class _Candidate(NamedTuple):
    gram: Gram
    label: str
    carriers: int
    places: frozenset[int]
    against: int


def _judge(corpus: Corpus, carriers: dict[Gram, list[int]]) -> list[Trigger]:
    judge, leanings = _Judge(corpus), _Leanings(corpus)
    candidates = [_measured(corpus, judge, leanings, *one) for one in carriers.items()]
    totals = Counter(corpus.labels)
    wrong = Counter(label for at, label in enumerate(corpus.labels) if judge.contradicts(at))
    found: list[tuple[Trigger, _Candidate]] = []
    for one in candidates:
        usual = max(_usual(one, candidates), (wrong[one.label] + 1) / (totals[one.label] + 2))
        number = len(one.places)
        odds = min(1.0, _tail(one.against, number, usual) * len(candidates))
        if odds < _P and one.against > _LEAST_AGAINST * number:
            words = " ".join(one.gram)
            told = Trigger(words, one.label, one.carriers, number, one.against, usual, odds)
            found.append((told, one))
    found.sort(key=lambda pair: (pair[0].odds, -len(pair[0].words)))
    return _marked(corpus, found[:_MOST_TOLD])


def _marked(corpus: Corpus, found: list[tuple[Trigger, _Candidate]]) -> list[Trigger]:
    """Return triggers, those last whose texts, or most of them, are like each other."""
    texts = Carriers(corpus.texts, corpus.labels)
    patterns = [
        one.places for _, one in found if texts.are_alike(one.gram, one.label, one.places)
    ]
    marked = [
        told._replace(alike=any(
            len(one.places & pattern) >= _SAME * len(one.places) for pattern in patterns
        )) for told, one in found
    ]  # fmt: skip
    return sorted(marked, key=lambda told: told.alike)


def _measured(
    corpus: Corpus, judge: _Judge, leanings: _Leanings, gram: Gram, places: list[int]
) -> _Candidate:
    label = Counter(corpus.labels[at] for at in places).most_common(1)[0][0]
    carriers = [at for at in places if corpus.labels[at] == label]
    mine = carriers[:: math.ceil(len(carriers) / _MOST_JUDGED)]
    without = leanings.companions(mine, label).union(gram)
    mine = [at for at in mine if _is_left(corpus.texts[at], without)]
    against = sum(judge.contradicts(at, without) for at in mine)
    return _Candidate(gram, label, len(carriers), frozenset(mine), against)


def _is_left(words: list[str], without: set[str]) -> bool:
    """Return whether half of a text and some words are left without its phrase.

    Where nearly all of the texts is one phrase (a template), what is left says nothing of a label.
    """
    left = sum(word not in without for word in words)
    return left >= _LEAST_LEFT and left * 2 >= len(words)


def _usual(one: _Candidate, candidates: list[_Candidate]) -> float:
    """Return how often the texts of other candidates of the label contradict it.

    Those that share most of their texts with this one say nothing of what is usual.
    """
    others = [
        other for other in candidates
        if other.label == one.label and len(other.places & one.places) * 2 < len(other.places)
    ]  # fmt: skip
    return (sum(other.against for other in others) + 1) / (
        sum(len(other.places) for other in others) + 2
    )


def _tail(least: int, number: int, chance: float) -> float:
    """Return the probability of at least so many successes of ``number`` tries."""
    if least <= number * chance:
        return 1.0
    log, rest = math.log(chance), math.log1p(-chance)
    whole = math.lgamma(number + 1)
    return math.fsum(
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(number - k + 1)
                 + k * log + (number - k) * rest)
        for k in range(least, number + 1)
    )  # fmt: skip
