"""What the archive fuzzers share: mutations, one execution, and the loop.

A run is one archive that was mutated (or made of random bytes), parsed, its first members opened
and read, and its rules run. It must end in a result or in a SentinelError, within its time.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence

from sentinel.artifacts import Artifact
from sentinel.errors import SentinelError
from sentinel.formats import BY_NAME, Parsed, load
from sentinel.limits import MIB, Budget, Limits
from sentinel.readers import MemoryReader
from sentinel.rules import RuleContext, rules_for

LIMITS = Limits(max_members=500, max_expanded=8 * MIB, ratio_floor=MIB, timeout=5.0)
SLOWEST = 4.0
_OPENED = 12
_NUMBERS = (0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 62)


def mutate(
    data: bytes, chance: random.Random, marks: tuple[bytes, ...], others: list[bytes]
) -> bytes:
    """Return an archive with one to eight things wrong with it."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5, 8))):
        _change(out, chance, marks, others)
    return bytes(out)


def _change(
    out: bytearray, chance: random.Random, marks: tuple[bytes, ...], others: list[bytes]
) -> None:
    kind = chance.randrange(10)
    at = _place(out, chance, marks)
    if kind == 0 and out:
        out[at % len(out)] ^= 1 << chance.randrange(8)
    elif kind == 1 and out:
        out[at % len(out)] = chance.randrange(256)
    elif kind in (2, 3):
        width = chance.choice((1, 2, 4, 8))
        number = chance.choice((*_NUMBERS, len(out), at, chance.randrange(1 << 20)))
        out[at : at + width] = (number % (1 << 8 * width)).to_bytes(width, "little")
    elif kind == 4:
        del out[at:]
    elif kind == 5:
        del out[at : at + chance.choice((1, 4, 22, 46, 512))]
    elif kind == 6:
        out[at:at] = chance.choice(marks)
    elif kind == 7:
        start = chance.randrange(len(out) + 1)
        out[at:at] = out[start : start + chance.choice((22, 46, 60, 512, 1024))]
    elif kind == 8:
        other = chance.choice(others)
        out[at:at] = other[: chance.randrange(len(other) + 1)]
    else:
        out[at:at] = chance.randbytes(chance.randrange(64))


def _place(out: bytearray, chance: random.Random, marks: tuple[bytes, ...]) -> int:
    """Return an offset: mostly one close behind a record's mark, where the numbers are."""
    if chance.random() < 0.7:
        hit = out.find(chance.choice(marks), chance.randrange(len(out) + 1))
        if hit >= 0:
            return hit + chance.randrange(64)
    return chance.randrange(len(out) + 1)


def execute(data: bytes, format_name: str) -> None:
    """Parse, open and judge one input. Raises whatever a reader lets out."""
    artifact = Artifact("fuzzed", MemoryReader(data))
    budget = Budget(LIMITS)
    try:
        parsed = load(BY_NAME[format_name].parse)(artifact, budget)
        assert isinstance(parsed, Parsed)
        for number, member in enumerate(parsed.members):
            if number < _OPENED:
                _read(member.open)
    except SentinelError:
        return
    for rule in rules_for(format_name):
        for finding in rule.check(parsed.model, RuleContext(artifact, rule)):
            assert finding.message


def _read(open_member: Callable[[], object]) -> None:
    try:
        reader = open_member()
        size = reader.size  # type: ignore[attr-defined]
        assert 0 <= size <= 1 << 62
        for offset in (0, size // 2, max(size - 100, 0)):
            assert len(reader.pread(offset, 100)) <= 100  # type: ignore[attr-defined]
    except SentinelError:
        pass


Mend = Callable[[bytes, random.Random], bytes]


def _as_it_is(data: bytes, chance: random.Random) -> bytes:
    return data


def loop(
    format_name: str, seeds: list[bytes], marks: tuple[bytes, ...], mend: Mend = _as_it_is
) -> int:
    """Run the command line of a fuzzer; return its exit code."""
    parser = argparse.ArgumentParser(description=f"Fuzz the {format_name} reader.")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    began, slowest = time.monotonic(), 0.0
    for run in range(options.runs):
        chance = random.Random(f"{format_name} {options.seed} {run}")
        data = mend(make_input(chance, seeds, marks), chance)
        start = time.monotonic()
        try:
            execute(data, format_name)
            spent = time.monotonic() - start
            assert spent < SLOWEST, f"took {spent:.1f} s"
        except Exception as error:
            print(f"run {run}: {type(error).__name__}: {error}\n{data!r}", file=sys.stderr)
            raise
        slowest = max(slowest, spent)
    total = time.monotonic() - began
    print(f"{options.runs} runs in {total:.0f} s, slowest {slowest * 1000:.0f} ms")
    return 0


def loop_each(
    formats: Sequence[str],
    seeds: Callable[[str], list[bytes]],
    marks: Callable[[str], tuple[bytes, ...]],
) -> int:
    """Run the command line of a fuzzer of several formats: ``--format``, or one after the other."""
    chosen = list(formats)
    if "--format" in sys.argv:
        at = sys.argv.index("--format")
        chosen = [sys.argv[at + 1]]
        del sys.argv[at : at + 2]
    for name in chosen:
        print(name)
        loop(name, seeds(name), marks(name))
    return 0


def make_input(chance: random.Random, seeds: list[bytes], marks: tuple[bytes, ...]) -> bytes:
    """Return a mutated seed, seldom random bytes with marks strewn in."""
    if chance.random() < 0.02:
        parts = [
            chance.choice((chance.randbytes(chance.randrange(80)), chance.choice(marks)))
            for _ in range(chance.randrange(20))
        ]
        return b"".join(parts)
    return mutate(chance.choice(seeds), chance, marks, seeds)
