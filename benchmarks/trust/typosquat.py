"""Measure what it costs to ask of a package's name whether it is like a popular one.

    python -m benchmarks.trust.typosquat [--names N]

Asked are slips of popular names and names made of words, none of which is known; the tables are
read once before, and what that costs is told apart. CPU time, median of five rounds.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time

from sentinel.rules.name_likeness import like, table

BOUND = 100.0
"""Most microseconds a name that we allow ourselves."""
_ROUNDS = 5


def main() -> int:
    """Run the benchmark and return 1 when the bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=10_000, metavar="N", help="of each kind")
    options = parser.parse_args()
    started = time.process_time()
    ranks = list(table().ranks)
    like("a-name-that-nobody-has")  # reads and indexes the tables
    print(f"tables: {(time.process_time() - started) * 1e3:.1f} ms, {len(ranks)} names")
    draw = random.Random(28)
    kinds = {
        "known": ranks[: options.names],
        "slips": [_slip(draw.choice(ranks[:5000]), draw) for _ in range(options.names)],
        "unknown": [f"{_word(draw, ranks)}-{_word(draw, ranks)}" for _ in range(options.names)],
    }
    worst = 0.0
    for kind, names in kinds.items():
        each = statistics.median(_microseconds(names) for _ in range(_ROUNDS))
        told = sum(like(name) is not None for name in names)
        worst = max(worst, each)
        print(f"{kind}: {each:.1f} us a name, {told} of {len(names)} told")
    if worst > BOUND:
        print(f"missed: {worst:.1f} us a name, not {BOUND:g}")
    return 1 if worst > BOUND else 0


def _microseconds(names: list[str]) -> float:
    started = time.process_time()
    for name in names:
        like(name)
    return (time.process_time() - started) / len(names) * 1e6


def _slip(name: str, draw: random.Random) -> str:
    at = draw.randrange(len(name))
    return name[:at] + draw.choice("abcdefghijklmnopqrstuvwxyz") + name[at:]


def _word(draw: random.Random, ranks: list[str]) -> str:
    return draw.choice(draw.choice(ranks).split("-"))


if __name__ == "__main__":
    sys.exit(main())
