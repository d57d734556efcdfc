"""The tables of the benchmark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tests.pii.measure.matching import Result, Tally, total
from tests.pii.measure.names import family
from tests.pii.measure.score import share

from ..measure import MIB, Cost
from ..run import table

MB = 1_000_000
# Types that are true on ordinary files more often than not, so that they say nothing of mistakes.
TRUE_ON_CLEAN = frozenset({"EMAIL", "URL", "UUID", "AUTHOR_EMAIL"})


class Outcome(NamedTuple):
    """What one detector cost and found.

    Attributes:
        name: Its name.
        personal: Whether it looks for personal data.
        share: Part of the files it was given.
        commit: Cost of ten Python files.
        made_cost: Cost of the made documents.
        clean_cost: Cost of the ordinary files.
        made_size: Bytes of the made documents it was given.
        clean_size: Bytes of the ordinary files it was given.
        result: What it found in the made documents.
        on_clean: Types of what it found in the ordinary files.
    """

    name: str
    personal: bool
    share: float
    commit: Cost
    made_cost: Cost
    clean_cost: Cost
    made_size: int
    clean_size: int
    result: Result
    on_clean: Sequence[str]


def _speed(size: int, cost: Cost) -> str:
    return "killed" if cost.killed else f"{size / MB / max(cost.cpu, 1e-3):.3g}"


def _part(result: Result, part: str) -> Tally:
    return total(tally for kind, tally in result.recall.items() if family(kind) == part)


def _false(outcome: Outcome) -> str:
    counted = Counter(kind for kind in outcome.on_clean if kind not in TRUE_ON_CLEAN)
    rate = sum(counted.values()) / max(outcome.clean_size / MB, 1e-6)
    most = ", ".join(f"{kind} {count}" for kind, count in counted.most_common(2))
    return f"{rate:.3g}" + (f" ({most})" if most else "")


def _summary(outcome: Outcome) -> tuple[str, ...]:
    result = outcome.result
    precise = total(result.precision.values())
    recalls = []
    for part in ("structured", "soft", "secrets"):
        tally = _part(result, part)
        asked = outcome.personal or part == "secrets"
        both = f"{share(tally.found, tally.labels)} ({share(tally.typed, tally.labels)})"
        recalls.append(both if asked else "-")
    return (
        outcome.name + (f" (1/{round(1 / outcome.share)} of the files)" * (outcome.share < 1)),
        f"{outcome.commit.cpu:.2f} s / {outcome.commit.resident // MIB} MB",
        _speed(outcome.made_size, outcome.made_cost),
        _speed(outcome.clean_size, outcome.clean_cost),
        *recalls,
        f"{share(precise.true, precise.findings)} ({share(precise.exact, precise.findings)})",
        _false(outcome),
    )


def _cells(outcomes: Iterable[Outcome], kind: str) -> list[str]:
    cells = []
    for outcome in outcomes:
        tally = outcome.result.recall.get(kind, Tally())
        asked = outcome.personal or family(kind) == "secrets"
        cells.append(share(tally.found, tally.labels) if asked else "-")
    return cells


def _precision(outcomes: Sequence[Outcome], kind: str) -> tuple[str, ...]:
    cells = []
    for outcome in outcomes:
        tally = outcome.result.precision.get(kind, Tally())
        cells.append(share(tally.true, tally.findings))
    return (kind, *cells)


def show(outcomes: Sequence[Outcome]) -> str:
    """Return the tables: one line a detector, then recall and precision by type."""
    head = (
        "detector", "10 files: CPU / memory", "MB/s made", "MB/s clean",
        "structured: any (typed)", "soft", "secrets", "precision: any (typed)",
        "findings/MB on clean files, without e-mail, URL, UUID",
    )  # fmt: skip
    names = [outcome.name for outcome in outcomes]
    kinds = sorted({kind for outcome in outcomes for kind in outcome.result.recall})
    recall = [("recall of", *names), *((kind, *_cells(outcomes, kind)) for kind in kinds)]
    ours = [kind for kind in kinds if any(kind in o.result.precision for o in outcomes)]
    precision = [("precision of", *names), *(_precision(outcomes, kind) for kind in ours)]
    first = table([head, *map(_summary, outcomes)])
    return f"{first}\n\n{table(recall)}\n\n{table(precision)}\n"
