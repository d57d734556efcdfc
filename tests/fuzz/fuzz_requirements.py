"""Fuzzes the reader of lists of packages: ``python -m tests.fuzz.fuzz_requirements --runs 10000``.

Each kind of list is fuzzed under its own name. No input may make the reader raise anything but its
own errors, or take long.
"""

from __future__ import annotations

import argparse
import random
import sys
import time

from sentinel import Report, scan_bytes
from tests.corpus.malicious.requirement_files import LINES, OTHERS
from tests.fuzz.archive_fuzz import mutate

SECRET = "s3cr3tp4ssw0rd"
MARKS: tuple[bytes, ...] = (
    b"==", b"===", b">=", b";", b" ; python_version<'3'", b"(", b")", b"[x]", b" @ ", b"git+",
    b"://", b"#egg=", b" #", b"\\\n", b"--hash=sha256:", b"-e ", b"-r ", b"-c ", b"${X}", b"'",
    b'"',
    b"\xff", "\u0430".encode(), b"\x85", b"\x0c", b"- ", b": ", b"|\n", b"&a ", b"*a", b"{", b"]",
    b"https://u:s3cr3tp4ssw0rd@h.invalid/", b"--index-url ", b"-f", b"# coding: utf-7\n",
)  # fmt: skip
SLOWEST = 4.0


def seeds() -> list[tuple[str, bytes]]:
    """Return names and contents to begin with."""
    login = "--index-url https://u:s3cr3tp4ssw0rd@h.invalid/simple"
    whole = "\n".join([login, *(hostile for hostile, _, _ in LINES.values())])
    found = [("requirements.txt", whole.encode()), ("requirements.txt", f"{login}\n".encode())]
    return found + [(file, text.encode()) for file, text, _, _ in OTHERS.values()]


def lines(chance: random.Random, count: int) -> bytes:
    """Return lines made of pieces of others."""
    pieces = [hostile for hostile, _, _ in LINES.values()]
    words = [word for piece in pieces for word in piece.split(" ")]
    words += [mark.decode("utf-8", "replace") for mark in MARKS]
    made = (
        chance.choice(("", " ")).join(chance.choices(words, k=chance.randrange(1, 8)))
        for _ in range(count)
    )
    return "\n".join(made).encode("utf-8", "replace")


def check(data: bytes, name: str) -> Report:
    """Scan one input. Raises AssertionError where something is wrong with the report."""
    started = time.monotonic()
    report = scan_bytes(data, name)
    took = time.monotonic() - started
    assert took < SLOWEST, f"{took:.1f} s"
    crashed = [gap.detail for gap in report.coverage.gaps if gap.reason == "internal"]
    assert not crashed, crashed
    return report


def told(report: Report) -> str:
    """Return all that a report says."""
    parts = [f"{one.message} {one.evidence} {one.remedy}" for one in report.findings]
    return " ".join([*parts, *(f"{gap.detail} {gap.hint}" for gap in report.coverage.gaps)])


def main() -> int:
    """Run the fuzzer and return the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    made = seeds()
    others = [data for _, data in made]
    for number in range(options.runs):
        name, data = chance.choice(made)
        data = mutate(data, chance, MARKS, others)
        if number % 10 == 0:
            name, data = "requirements.txt", lines(chance, 100)
        try:
            check(data, name)
        except Exception as error:
            sys.stdout.write(f"run {number}, {name}: {error!r}\n{data!r}\n")
            return 1
    sys.stdout.write(f"requirements: {options.runs} runs\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
