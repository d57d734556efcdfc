"""Measure the engine that searches text, with no reading of files, and print a table.

    python -m benchmarks.pii.engine [--engine re2|hyperscan|stdlib] [--root FOLDER] [--size MB]

Ordinary files by class, each file searched as the text that it is. CPU time of one process: of the
first search, with the automata still to be made, and the median of three more. Beside it, how fast
RE2 looks for 26 words in the same bytes: on a busy machine both are slower.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import re2

from sentinel.pii.catalog import catalog
from sentinel.pii.text import TextEngine
from tests.pii.measure.clean import corpus

from .data import packages

CACHE = Path(__file__).resolve().parent.parent / ".cache"
MB = 1_000_000
_WORDS = b"|".join(bytes((97 + number,)) + b"-unlikely-word" for number in range(26))


def seconds(act: Callable[[], object]) -> float:
    """Return the CPU seconds that something takes."""
    started = time.process_time()
    act()
    return time.process_time() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pii.engine", description=__doc__)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--root", type=Path, action="append", help="folders of packages")
    parser.add_argument("--size", type=float, default=12.0, help="MB of each class at most")
    options = parser.parse_args()
    classes: dict[str, list[bytes]] = {}
    for sample in corpus(options.root or [packages(CACHE / "clean")], int(options.size * MB)):
        classes.setdefault(sample.kind, []).append(sample.data)
    words = re2.compile(_WORDS)
    print(f"{'class':12}{'MB':>8}{'first':>8}{'later':>8}{'words':>8}   MB/s of CPU time")
    for kind, texts in classes.items():
        engine = TextEngine(catalog(), engine=options.engine)
        size = sum(map(len, texts)) / MB

        def search(engine: TextEngine = engine, texts: list[bytes] = texts) -> None:
            for text in texts:
                engine.scan(text)

        first, *later = [seconds(search) for _ in range(4)]
        plain = seconds(partial(_plain, words, texts))
        speeds = (size / first, size / statistics.median(later), size / plain)
        print(f"{kind:12}{size:8.1f}" + "".join(f"{speed:8.1f}" for speed in speeds), flush=True)


def _plain(words: Any, texts: list[bytes]) -> None:
    for text in texts:
        words.search(text)


if __name__ == "__main__":
    main()
