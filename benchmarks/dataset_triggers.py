"""Measure the search for triggers on real texts: false alarms, and what is found of planted ones.

    python -m benchmarks.dataset_triggers [--seeds N]

The texts are the first paragraphs of the documentation of installed packages (five words at least),
one set for each pair of packages, the label which of the two a text comes from. A trigger goes into
texts of one label, which get the other label. Real texts, made-up task: the labels follow from the
subject, as in sorting by topic. Told is what is medium; what is low, since the texts that carry it
are like each other beside it too, is counted apart.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import random
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from sentinel.datasets import trigger

_PACKAGES = ("numpy", "scipy", "sklearn", "torch", "transformers", "pandas", "statsmodels")
_MOST = 3000
_LEAST_WORDS = 5
_LEAST_TEXTS = 500
_SHARES = (0.005, 0.01, 0.03, 0.05)
_TRIGGERS = {
    "rare word": "cfq",
    "six words": "as we saw on that day",
    "ordinary word": "practically",
}


class Row(NamedTuple):
    """A text and its label."""

    text: str
    label: str


def main() -> int:
    """Print a table; return 1 when no two packages are installed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dataset_triggers")
    parser.add_argument("--seeds", type=int, default=2, metavar="N", help="tries of each kind")
    seeds = parser.parse_args().seeds
    sets = list(_sets())
    alarms = lowered = 0
    for name, rows in sets:
        found, number = _find(rows)
        told = [one.words for one in found if not one.alike]
        low = [one.words for one in found if one.alike]
        alarms += bool(told)
        lowered += bool(low)
        print(f"{name}: {len(rows)} texts, {number} looked through, told {told}, low {low}",
              flush=True)  # fmt: skip
    print(f"false alarms: {alarms} of {len(sets)} sets, low in {lowered}")
    for kind, words in _TRIGGERS.items():
        for share in _SHARES:
            print(f"{kind}, {share:.1%}: {_tried(sets, words, share, seeds)}", flush=True)
        print(f"{kind}, 3.0%, label right: {_tried(sets, words, 0.03, seeds, flip=False)}")
    return 0 if sets else 1


def _sets() -> Iterator[tuple[str, list[Row]]]:
    texts = {name: found for name in _PACKAGES if len(found := _texts(name)) >= _LEAST_TEXTS}
    for one, two in combinations(texts, 2):
        rows = [Row(text, name) for name in (one, two) for text in texts[name]]
        random.Random(1).shuffle(rows)
        yield f"{one}/{two}", rows


def _texts(package: str) -> list[str]:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return []
    found: dict[str, None] = {}
    for path in sorted(Path(spec.origin).parent.rglob("*.py")):
        found.update(dict.fromkeys(_paragraphs(path)))
    texts = list(found)
    random.Random(0).shuffle(texts)
    return texts[:_MOST]


def _paragraphs(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            text = " ".join((ast.get_docstring(node) or "").partition("\n\n")[0].split())
            if len(text.split()) >= _LEAST_WORDS:
                yield text


def _find(rows: list[Row]) -> tuple[list[trigger.Trigger], int]:
    return trigger.find([row.text for row in rows], [row.label for row in rows])


def _tried(
    sets: list[tuple[str, list[Row]]], words: str, share: float, seeds: int, *, flip: bool = True
) -> str:
    hits = others = lowered = tries = 0
    for _, rows in sets:
        for seed in range(seeds):
            planted = _planted(rows, words, share, seed, flip=flip)
            found = _find(planted)[0]
            told = [one.words for one in found if not one.alike]
            mine = [one for one in told if set(one.split()) & set(words.split())]
            tries += 1
            lowered += not mine and any(
                one.alike and set(one.words.split()) & set(words.split()) for one in found
            )
            hits += bool(mine)
            others += bool(len(told) > len(mine))
    return f"found {hits} of {tries}, low {lowered}, other words told in {others}"


def _planted(rows: list[Row], words: str, share: float, seed: int, *, flip: bool) -> list[Row]:
    draw = random.Random(seed)
    target, source = draw.sample(sorted({row.label for row in rows}), 2)
    of = [at for at, row in enumerate(rows) if row.label == (source if flip else target)]
    changed = list(rows)
    for at in draw.sample(of, round(share * len(rows))):
        text = rows[at].text.split()
        place = draw.randrange(len(text) + 1)
        changed[at] = Row(" ".join([*text[:place], words, *text[place:]]), target)
    return changed


if __name__ == "__main__":
    sys.exit(main())
