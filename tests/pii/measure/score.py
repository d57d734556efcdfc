"""Print how much of the planted data the detector finds, and what it finds beside.

python -m tests.pii.measure.score [--seed N] [--count N] [--at LIKELY] [--independent DIR]
    [--misses N]
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from .detector import LEVELS, finder
from .generator import generate
from .matching import Finder, Result, Tally, measure, total
from .names import family


def share(part: int, whole: int) -> str:
    """Return a fraction with three places, or a dash if nothing was asked."""
    return f"{part / whole:.3f}" if whole else "-"


def _recall_row(name: str, tally: Tally) -> str:
    cells = (
        str(tally.labels), share(tally.found, tally.labels), share(tally.typed, tally.labels),
        share(tally.cued_found, tally.cued),
    )  # fmt: skip
    return f"{name:22}" + "".join(f"{cell:>10}" for cell in cells)


def _precision_row(name: str, tally: Tally) -> str:
    cells = (
        str(tally.findings), share(tally.true, tally.findings),
        share(tally.exact, tally.findings),
    )  # fmt: skip
    return f"{name:22}" + "".join(f"{cell:>10}" for cell in cells)


def table(result: Result) -> Iterator[str]:
    """Yield the lines of a result: recall by planted type, precision by the detector's names."""
    yield f"{'RECALL':22}{'values':>10}{'any':>10}{'typed':>10}{'named':>10}"
    yield _recall_row("all", total(result.recall.values()))
    for part in ("structured", "soft", "secrets"):
        chosen = (tally for kind, tally in result.recall.items() if family(kind) == part)
        yield _recall_row(part, total(chosen))
    for kind, tally in sorted(result.recall.items()):
        yield _recall_row(f"  {kind}", tally)
    yield f"{'PRECISION':22}{'findings':>10}{'any':>10}{'typed':>10}"
    yield _precision_row("all", total(result.precision.values()))
    for kind, tally in sorted(result.precision.items()):
        yield _precision_row(f"  {kind}", tally)


def mistakes(result: Result, examples: int) -> Iterator[str]:
    """Yield misses and false findings by type, the most frequent first, with made-up examples."""
    missed = Counter((miss.label.type, miss.found_as or "nothing") for miss in result.misses)
    yield "MISSES (planted as, found as)"
    for (kind, found), count in missed.most_common():
        yield f"{count:7} {kind} as {found}"
        fitting = (
            miss for miss in result.misses
            if (miss.label.type, miss.found_as or "nothing") == (kind, found)
        )  # fmt: skip
        for miss, _ in zip(fitting, range(examples), strict=False):
            where = f"column {miss.label.column}" if miss.label.column else "text"
            named = "named" if miss.label.cued else "not named"
            yield f"{'':10}{miss.document}: {miss.label.value[:60]!r} in {where}, {named}"
    yield "FALSE FINDINGS"
    for kind, count in Counter(alarm.finding.type for alarm in result.alarms).most_common():
        yield f"{count:7} {kind}"
        alarms = (alarm for alarm in result.alarms if alarm.finding.type == kind)
        for alarm, _ in zip(alarms, range(examples), strict=False):
            columns = "/".join(alarm.finding.columns)
            yield f"{'':10}{alarm.document}: {alarm.text[:60]!r} {columns}"


def show(title: str, result: Result, examples: int) -> None:
    """Print a result."""
    print(f"== {title}: {result.size / 1e6:.2f} MB")
    for line in (*table(result), *mistakes(result, examples)):
        print(line)


def sets(options: argparse.Namespace, find: Finder) -> Iterable[tuple[str, Result]]:
    """Yield the results over the made set and over what public sets the user has."""
    title = f"made, seed {options.seed}, {options.count} documents, @{options.at}"
    yield title, measure(generate(options.seed, options.count), find)
    if options.independent:
        from .independent import leaky_repo, load

        for line in leaky_repo(options.independent / "leaky-repo", find):
            print(line)
        for name, documents in load(options.independent):
            yield f"{name} (independent)", measure(documents, find)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--count", type=int, default=2500)
    parser.add_argument("--at", choices=LEVELS, default="LIKELY")
    parser.add_argument("--independent", type=Path, metavar="DIR")
    parser.add_argument("--misses", type=int, default=3, help="examples of each mistake")
    options = parser.parse_args()
    for title, result in sets(options, finder(options.at)):
        show(title, result, options.misses)


if __name__ == "__main__":
    main()
