"""Fuzz the pickle interpreter with structure-aware mutations of the corpus.

    PYTHONPATH=src python tests/fuzz/fuzz_pickle.py --runs 100000 --seed 1 [--seconds T] [--only N]

Each run mutates a pickle, opcode by opcode or byte by byte, and demands that

- nothing but an error of the tree escapes,
- time stays within a bound that grows with the size,
- the plain loop and the batched one give the same program,
- events lie at the opcodes where ``pickletools`` puts them, as far as it can read.

A run depends on the seed and its number alone. A failure prints both and the input.
"""

from __future__ import annotations

import argparse
import base64
import pickle
import pickletools
import random
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[2])]

from sentinel.errors import SentinelError
from sentinel.formats.pickle import PickleProgram, interpret
from sentinel.formats.pickle.literals import elements
from sentinel.formats.pickle.values import KEEP, Call, Container, Global, Persistent, Value
from sentinel.limits import Limits

LIMITS = Limits(
    max_calls=50_000, max_stack=100_000, max_memo=200_000, max_marks=2_000, max_streams=2_000,
    timeout=60.0,
)  # fmt: skip
SEED_MODULES = (
    "calls", "names", "computed", "walks", "dispatchers", "second", "deferred", "traps", "arrays",
)  # fmt: skip
LARGEST = 20_000
SECONDS, SECONDS_PER_BYTE = 0.5, 50e-6
WALKED = 500
EDGES = (0, 1, 2, 3, 9, 10, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 1 << 20, (1 << 31) - 1, 1 << 31,
         (1 << 32) - 1, 1 << 40, (1 << 63) - 1, (1 << 64) - 1)  # fmt: skip
CALLS = frozenset(("REDUCE", "NEWOBJ", "NEWOBJ_EX", "OBJ", "INST"))
IMPORTS = frozenset(("GLOBAL", "STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"))


class Broken(AssertionError):
    """The interpreter broke a promise."""


@dataclass(frozen=True)
class Seeds:
    """What mutations start from.

    Attributes:
        files: Pickles, each as a list of tokens (opcode with operand, as bytes).
        pool: Distinct tokens of all of them.
    """

    files: list[list[bytes]]
    pool: list[bytes]


def load_seeds() -> Seeds:
    """Return the small pickles of the hostile corpus, and plain data of all protocols."""
    found: dict[bytes, None] = {}
    for module in SEED_MODULES:
        for case in import_module(f"tests.corpus.malicious.{module}").cases():
            data = case.stream or case.data
            if len(data) <= LARGEST and data[:1] != b"\x93":
                found[data] = None
    values: list[Any] = [
        {"a" * 70: [1, 2.5, None, True, "x"], "b": b"y" * 40, "c": {1, 2}, "d": (1, (2, 3), ())},
        list(range(400)), [f"token{n}" for n in range(300)], [1.5] * 300, 1 << 300, {"k": -1},
    ]  # fmt: skip
    for value in values:
        found |= {pickle.dumps(value, protocol): None for protocol in range(6)}
    files = [tokens(data) for data in found]
    return Seeds(files, list(dict.fromkeys(token for file in files for token in file)))


def tokens(data: bytes) -> list[bytes]:
    """Split a pickle into its opcodes; what pickletools cannot read is the last token."""
    starts: list[int] = []
    try:
        for _, _, position in pickletools.genops(data):
            starts.append(position or 0)
    except (ValueError, OverflowError, MemoryError):
        pass
    ends = [*starts[1:], None] if starts else []
    return [data[start:end] for start, end in zip(starts, ends, strict=True)] or [data]


def mutate(chance: random.Random, seeds: Seeds) -> bytes:
    """Return a mutated pickle."""
    file = list(chance.choice(seeds.files))
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        _MUTATIONS[chance.randrange(len(_MUTATIONS))](chance, file, seeds)
    data = bytearray(b"".join(file))
    for _ in range(chance.choice((0, 0, 0, 1, 3))):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    if chance.random() < 0.15:
        del data[chance.randrange(len(data) + 1) :]
    if chance.random() < 0.1:
        data += b"".join(chance.choice(seeds.files))
    return bytes(data[: 4 * LARGEST])


def _place(chance: random.Random, file: list[bytes]) -> int:
    return chance.randrange(len(file)) if file else 0


def _drop(chance: random.Random, file: list[bytes], seeds: Seeds) -> None:
    at = _place(chance, file)
    del file[at : at + chance.choice((1, 1, 2, 5))]


def _repeat(chance: random.Random, file: list[bytes], seeds: Seeds) -> None:
    at = _place(chance, file)
    file[at:at] = file[at : at + chance.choice((1, 2, 6))] * chance.choice((1, 2, 10, 60))


def _swap(chance: random.Random, file: list[bytes], seeds: Seeds) -> None:
    if file:
        left, right = _place(chance, file), _place(chance, file)
        file[left], file[right] = file[right], file[left]


def _insert(chance: random.Random, file: list[bytes], seeds: Seeds) -> None:
    file.insert(_place(chance, file), chance.choice(seeds.pool))


def _replace(chance: random.Random, file: list[bytes], seeds: Seeds) -> None:
    if file:
        file[_place(chance, file)] = chance.choice(seeds.pool)


def _splice(chance: random.Random, file: list[bytes], seeds: Seeds) -> None:
    other = chance.choice(seeds.files)
    file[_place(chance, file) :] = other[_place(chance, other) :]


def _number(chance: random.Random, file: list[bytes], seeds: Seeds) -> None:
    """Put an extreme number where an opcode keeps its index, length or value."""
    at = _place(chance, file)
    if file and len(file[at]) > 1:
        size = chance.choice((1, 2, 4, 8))
        raw = (chance.choice(EDGES) % (1 << 8 * size)).to_bytes(size, "little")
        file[at] = file[at][:1] + raw + file[at][1 + size :]


def _opcode(chance: random.Random, file: list[bytes], seeds: Seeds) -> None:
    """Put another opcode before the same operand."""
    at = _place(chance, file)
    if file:
        opcode = chance.choice(pickletools.opcodes).code.encode("latin-1")
        file[at] = opcode + file[at][1:]


_MUTATIONS = (_drop, _repeat, _swap, _insert, _replace, _splice, _number, _opcode)


def outline(program: PickleProgram) -> tuple[object, ...]:
    """Return everything about a program that both loops must agree on."""
    return (
        [(s.start, s.end, s.protocol, s.error, shape(program, s.result)) for s in program.streams],
        [(g.module, g.name, g.offset, g.how, g.computed) for g in program.globals],
        [(c.kind, c.offset, c.count, shape(program, c.args)) for c in program.calls],
        [p.offset for p in program.recorder.persistent],
        [(p.how, p.offset) for p in program.recorder.planted],
        program.recorder.payloads, program.recorder.extensions, program.recorder.arrays,
        program.junk, program.limits,
    )  # fmt: skip


def shape(program: PickleProgram, value: Value | None) -> list[object]:
    """Return the beginning of a value, flattened."""
    return list(islice(_flat(program, value, 0), WALKED))


def _flat(program: PickleProgram, value: Value | None, depth: int) -> Iterator[object]:
    if type(value) is int or value is None:
        yield value
    elif depth > 20:
        yield "deep"
    elif type(value) is tuple:
        yield len(value)
        for item in value[:WALKED]:
            yield from _flat(program, item, depth + 1)
    elif type(value) is Container:
        # How many elements are kept, beyond the first few, is each loop's own business.
        yield value.kind, value.offset
        for item in elements(program.data, value, KEEP):
            yield from _flat(program, item, depth + 1)
    elif isinstance(value, Global | Call | Persistent):
        yield type(value).__name__, value.offset
    else:
        yield type(value).__name__


def check(data: bytes) -> None:
    """Hold the interpreter to its promises on one input. Raises Broken."""
    started = time.process_time()
    plain = interpret(data, LIMITS, batch=False)
    fast = interpret(data, LIMITS, batch=True)
    spent = time.process_time() - started
    if spent > 2 * (SECONDS + SECONDS_PER_BYTE * len(data)):
        raise Broken(f"{spent:.2f} s for {len(data)} bytes, twice")
    if (one := outline(plain)) != (other := outline(fast)):
        raise Broken(f"the loops differ:\n{_difference(one, other)}")


def _difference(one: tuple[object, ...], other: tuple[object, ...]) -> str:
    pairs = zip(one, other, strict=True)
    return "\n".join(f"{str(a)[:700]}\n{str(b)[:700]}" for a, b in pairs if a != b)


def check_tokens(data: bytes) -> None:
    """Compare the first pickle's events with pickletools. Raises Broken."""
    program = interpret(data, LIMITS, batch=False, trace=True)
    if not program.streams or program.limits:
        return
    stream, *later = program.streams
    # Behind a break, and where joblib puts arrays, the interpreter reads what pickletools does not.
    array = data.find(b"NumpyArrayWrapper")
    end = min([stream.end, *(one.start for one in later), stream.end if array < 0 else array])
    known, readable = _read(data, end)
    events = {"call": CALLS, "import": IMPORTS, "build": frozenset(("BUILD",))}
    seen: set[tuple[str, int]] = set()
    for offset, kind, _ in program.recorder.events:
        if offset < readable and kind in events:
            seen.add((kind, offset))
            if known.get(offset) not in events[kind]:
                raise Broken(f"{kind} at {offset}, where pickletools has {known.get(offset)}")
    for offset, name in known.items():
        for kind, names in (("call", CALLS), ("build", events["build"])):
            if name in names and offset < readable and (kind, offset) not in seen:
                raise Broken(f"nothing recorded for {name} at {offset}")
    if not stream.error and readable >= stream.end and known.get(stream.end - 1) != "STOP":
        raise Broken(f"ends at {stream.end}, where pickletools has no STOP")


def _read(data: bytes, end: int) -> tuple[dict[int, str], int]:
    """Return opcodes by position, and up to where pickletools can read them."""
    known: dict[int, str] = {}
    readable = 0
    try:
        for opcode, _, position in pickletools.genops(data):
            known[position or 0] = opcode.name
            readable = position or 0
        readable = end
    except (ValueError, OverflowError, MemoryError):
        pass
    return known, min(readable, end)


def run(seeds: Seeds, seed: int, number: int) -> str:
    """Do one run; return what is wrong, or nothing."""
    chance = random.Random(f"{seed}:{number}")
    data = mutate(chance, seeds)
    try:
        check(data)
        if number % 4 == 0:
            check_tokens(data)
    except SentinelError:
        return ""
    except Exception:
        where = f"--seed {seed} --only {number}, {len(data)} bytes"
        shown = base64.b64encode(data[:1500]).decode()
        return f"{where}\n{traceback.format_exc(limit=-4)}\n{shown}"
    return ""


def fuzz(runs: int, seed: int, seconds: float = float("inf"), first: int = 0) -> tuple[int, str]:
    """Run until done, out of time, or broken.

    Returns:
        How many runs were made, and what is wrong; nothing when nothing is.
    """
    seeds = load_seeds()
    until = time.monotonic() + seconds
    for number in range(first, first + runs):
        wrong = run(seeds, seed, number)
        if wrong:
            return number - first + 1, wrong
        if time.monotonic() > until:
            return number - first + 1, ""
    return runs, ""


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--only", type=int, help="do just this run again")
    options = parser.parse_args()
    first, runs = (options.only, 1) if options.only is not None else (0, options.runs)
    started = time.process_time()
    done, wrong = fuzz(runs, options.seed, options.seconds, first)
    print(f"{done} runs of seed {options.seed} in {time.process_time() - started:.0f} s of CPU")
    print(wrong or "nothing broke")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
