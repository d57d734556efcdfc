"""Finds personal data and credentials in text.

One pass says which patterns occur in a chunk at all; only those are matched, and only their matches
are checked: what touches them, their check digits, what is around them. Weak shapes are tried
behind cues alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import NamedTuple

from .bounds import BOUNDS, LEFT, RIGHT
from .catalog import Catalog
from .checks import Context, contexts, validators
from .cue_search import CueSearch, cues_of
from .cue_search import patterns as cue_patterns
from .cues import Cues, is_free, starts_after
from .engines import Pattern, make_engine
from .model import InfoType, Likelihood, Rule, Validator
from .pieces import LONGEST, FindMarked, by_mark, chunks, marked
from .secret_context import names_license
from .spans import Spans

_MOST_SPELLINGS = 10_000
_ESCAPES = (b"\\n", b"\\t", b"\\r")
_LEVELS = (Likelihood.VERY_UNLIKELY, *Likelihood)
MOST = 1_000
"""Matches of one rule in one file; what comes after is not looked at."""


class Hit(NamedTuple):
    """A match that passed its checks.

    Attributes:
        start: Offset of the value.
        end: Offset behind it.
        rule: The rule.
        likelihood: How likely it is.
    """

    start: int
    end: int
    rule: Rule
    likelihood: Likelihood


class Quota:
    """Counts matches by rule within one file.

    Only what is told counts: a thousand numbers that are hardly cards must not hide one that is.

    Args:
        most: Matches of each rule that are looked at.
        least: Lowest likelihood that is told.
    """

    __slots__ = ("_counts", "_least", "_most")

    def __init__(self, most: int = MOST, least: Likelihood = Likelihood.LIKELY) -> None:
        self._most = most
        self._least = least
        self._counts: dict[str, int] = {}

    def is_spent(self, rule: Rule) -> bool:
        """Return True when no more of this rule are wanted."""
        return self._counts.get(rule.id, 0) >= self._most

    def count(self, hit: Hit) -> None:
        """Note one match."""
        if hit.likelihood >= self._least:
            self._counts[hit.rule.id] = self._counts.get(hit.rule.id, 0) + 1

    def spent(self) -> list[str]:
        """Return the ids of rules of which there may be more."""
        return sorted(name for name, count in self._counts.items() if count >= self._most)


class Checked(NamedTuple):
    """A rule with what it refers to.

    ``refused`` sees soon what ``context`` would drop.
    """

    rule: Rule
    bounds: Callable[[bytes, int, int], bool]
    validator: Validator | None
    context: Context | None
    refused: Callable[[bytes, int, int], bool] | None


_Core = Callable[[bytes, int, int], "re.Match[bytes] | None"]
_Cued = tuple[_Core, list[tuple[_Core, Checked]]]


class TextEngine:
    """Searches text by the rules of a catalogue.

    Args:
        catalog: Types and rules.
        locales: Countries whose weak rules are wanted, as ISO 3166 codes in lower case; None for
            all. Strong rules always apply.
        engine: See ``engines.make_engine``.

    Raises:
        UsageError: The engine cannot be had.
    """

    def __init__(
        self, catalog: Catalog, locales: frozenset[str] | None = None, engine: str = "auto"
    ) -> None:
        self.catalog = catalog
        self._credentials = {n for n, t in catalog.types.items() if t.category == "credentials"}
        rules = [rule for rule in catalog.rules if _wanted(rule, catalog.types, locales)]
        searched = [rule for rule in rules if rule.where == "text"]
        # Groups share an automaton, so the order within the engine is the order of the groups.
        searched.sort(key=_group)
        self._searched = [_checked(rule) for rule in searched]
        self._marked: dict[bytes, list[tuple[Checked, FindMarked, int]]] = {}
        for checked in self._searched:
            if checked.rule.mark:
                found = self._marked.setdefault(checked.rule.mark.encode(), [])
                found.append((checked, *by_mark(checked.rule)))
        searched = [rule for rule in searched if not rule.mark]
        cued = [rule for rule in rules if rule.where in ("text", "cue")]
        self._cued: dict[str, list[Checked]] = {}
        for rule in cued:
            self._cued.setdefault(rule.type, []).append(_checked(rule))
        cues = cues_of(catalog.types, rules)
        self._cues = Cues(cues)
        cue, hints = (locales is None and catalog.cue_patterns) or cue_patterns(cues)
        patterns = [_search_pattern(rule) for rule in searched]
        kinds = [_group(rule) for rule in searched]
        groups = [[p for p, k in zip(patterns, kinds, strict=True) if k == n] for n in range(2)]
        self._engine = make_engine(groups, engine, hints)
        self._cue_search = CueSearch(cue, self._engine)
        self._cue_rules: dict[bytes, _Cued] = {}
        self._cued_types: dict[tuple[str, ...], _Cued] = {}
        self._cores: dict[str, re.Pattern[bytes]] = {}
        self._order = {rule.id: index for index, rule in enumerate(catalog.rules)}

    @property
    def engine(self) -> str:
        """Name of the engine in use."""
        return self._engine.name

    def scan(self, data: bytes, quota: Quota | None = None) -> list[Hit]:
        """Return what is found in a text, in order, overlaps resolved.

        Args:
            data: The text as UTF-8.
            quota: Counts matches over several texts of one file.
        """
        quota = quota or Quota()
        found: dict[tuple[int, str], Hit] = {}
        past = 0
        for start, end in chunks(data):
            chunk = data[start:end] if (start or end < len(data)) else data
            hits = [self._behind_cues(chunk, start, data, quota)]
            for checked, spans, group in self._occurring(chunk):
                hits.append(
                    self._matches(checked, spans, group, chunk, start, data, quota, past, found)
                )
            for hit in chain.from_iterable(hits):
                key = (hit.start, hit.rule.id)
                known = found.get(key)
                if known is None or (hit.likelihood, hit.end) > (known.likelihood, known.end):
                    found[key] = hit
            past = end
        return self._resolve(list(found.values())) if found else []

    def _occurring(self, chunk: bytes) -> Iterator[tuple[Checked, Iterator[Spans], int]]:
        """Yield rules that may match in ``chunk``, their matches, and the group of the value."""
        for index, ends in self._engine.occurring(chunk):
            checked, pattern = self._searched[index], self._engine.pattern(index)
            few = 0 < len(ends) < self._engine.dense and not checked.rule.multiline
            matches = pattern.ending(chunk, ends) if few else pattern.all(chunk)
            yield checked, matches, pattern.group
        for mark, rules in self._marked.items():
            places = marked(chunk, mark)
            if places:
                for checked, find, group in rules:
                    yield checked, find(chunk, places), group

    def _matches(
        self, checked: Checked, matches: Iterator[Spans], group: int, chunk: bytes, base: int,
        data: bytes, quota: Quota, past: int, found: dict[tuple[int, str], Hit],
    ) -> Iterator[Hit]:  # fmt: skip
        rule = checked.rule
        if quota.is_spent(rule):
            return
        bounds = checked.bounds
        for spans in matches:
            start, end = spans[group]
            if chunk[start - 1 : start + 1] in _ESCAPES and start:
                start += 1  # the letter belongs to an escape of JSON or of a programming language
            outer = spans[0][1]
            if base + outer < past:
                continue  # found in the piece before
            known = found.get((base + start, rule.id))
            if known is not None and known.end == base + end:
                continue  # found behind a cue, and so at least as likely
            if not bounds(data, base + start, base + outer):
                continue
            hit = _check(checked, data, base + start, base + end, rule.likelihood)
            if hit is not None:
                quota.count(hit)
                yield hit
                if quota.is_spent(rule):
                    return

    def _behind_cues(self, chunk: bytes, base: int, data: bytes, quota: Quota) -> Iterator[Hit]:
        for start, end in self._cue_search.spans(chunk):
            if not is_free(chunk, end):
                continue
            cue = chunk[start:end]
            any_of, rules = self._cue_rules.get(cue) or self._rules_of(cue)
            for place in starts_after(chunk, end):
                at, told = base + place, False
                if any_of(data, at, at + LONGEST) is None:
                    continue
                for core, checked in rules:
                    match = core(data, at, at + LONGEST)  # exactly here
                    hit = _judged(checked, data, match) if match is not None else None
                    if hit is not None and not quota.is_spent(hit.rule):
                        quota.count(hit)
                        told = True
                        yield hit
                if told:
                    break

    def _rules_of(self, cue: bytes) -> _Cued:
        """Return the rules of the types of a cue, and what matches where any of them does."""
        types = self._cues.types(cue)
        found = self._cued_types.get(types)
        if found is None:
            named = [rule for name in types for rule in self._cued[name]]
            any_of = re.compile("|".join(map(_alternative, named)).encode() or b"(?!)")
            rules: list[tuple[_Core, Checked]] = [(self.core(one.rule).match, one) for one in named]
            found = self._cued_types[types] = (any_of.match, rules)
        if len(self._cue_rules) < _MOST_SPELLINGS:
            self._cue_rules[cue] = found
        return found

    def core(self, rule: Rule) -> re.Pattern[bytes]:
        """Return the pattern of a rule alone, compiled by ``re``."""
        found = self._cores.get(rule.id)
        if found is None:
            flags = re.IGNORECASE if rule.ignore_case else 0
            found = self._cores[rule.id] = re.compile(rule.pattern.encode(), flags)
        return found

    def whole(self, rules: list[Rule]) -> Callable[[bytes], list[int]]:
        """Return a function that says which of some rules a value fits from end to end."""
        texts = [Pattern(rule.pattern, (), rule.ignore_case) for rule in rules]
        return self._engine.whole(texts)

    def _resolve(self, hits: list[Hit]) -> list[Hit]:
        """Return hits that do not overlap: of two, the better one."""
        hits.sort(key=lambda hit: (hit.start, -hit.end))
        kept: list[Hit] = []
        for hit in hits:
            if kept and hit.start < kept[-1].end:
                if self._rank(hit) > self._rank(kept[-1]):
                    kept[-1] = hit
            else:
                kept.append(hit)
        return kept

    def _rank(self, hit: Hit) -> tuple[bool, bool, int, int, int]:
        return (
            hit.likelihood >= Likelihood.LIKELY,
            hit.rule.type in self._credentials,
            hit.end - hit.start,
            hit.likelihood,
            -self._order[hit.rule.id],
        )


def _wanted(rule: Rule, types: dict[str, InfoType], locales: frozenset[str] | None) -> bool:
    if locales is None or rule.where == "text":
        return True
    locale = types[rule.type].locale
    return not locale or locale in locales


def _group(rule: Rule) -> int:
    """Return 0 for rules with literals, which go well together, and 1 for shapes of digits.

    Rules with marks are in no automaton, and come last.
    """
    return 2 if rule.mark else 0 if rule.literals else 1


def _checked(rule: Rule) -> Checked:
    validator = validators()[rule.validator] if rule.validator else None
    context = contexts()[rule.context] if rule.context else None
    refused = names_license if rule.context == "assigned" else None
    return Checked(rule, BOUNDS[rule.bounds], validator, context, refused)


def _search_pattern(rule: Rule) -> Pattern:
    core, left = rule.pattern, LEFT[rule.bounds]
    if left and "(?P<value>" not in core:
        core = f"(?P<value>{core})"  # without a group RE2 need not look for where it is
    literals = tuple(literal.lower().encode() for literal in rule.literals)
    gate = rule.gate
    if not literals and not gate and rule.bounds in RIGHT:
        gate = f"{left}(?:{rule.pattern}){RIGHT[rule.bounds]}"  # digits go on in most that match
    return Pattern(left + core, literals, rule.ignore_case, gate)


def _alternative(checked: Checked) -> str:
    text = checked.rule.pattern.replace("(?P<value>", "(?:")
    return f"(?i:{text})" if checked.rule.ignore_case else f"(?:{text})"


def _judged(checked: Checked, data: bytes, match: re.Match[bytes]) -> Hit | None:
    """Return the hit of a match behind a cue."""
    start, outer = match.span()
    if not checked.bounds(data, start, outer):
        return None
    begin, end = match.span("value") if "value" in match.re.groupindex else (start, outer)
    return _check(checked, data, begin, end, checked.rule.cued)


def _check(
    checked: Checked, data: bytes, start: int, end: int, likelihood: Likelihood
) -> Hit | None:
    rule, _, validator, context, refused = checked
    if refused is not None and refused(data, start, end):
        return None
    if validator is not None and not validator.check(data[start:end].decode("utf-8", "replace")):
        return None
    if context is not None and (delta := context(data, start, end)):
        level = likelihood + delta
        if level < 1:
            return None
        likelihood = _LEVELS[min(level, 5)]
    return Hit(start, end, rule, likelihood)
