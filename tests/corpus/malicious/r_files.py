"""R objects with code where values belong; see ``tests.kit.rstream`` for how they are made."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Iterator

from tests.corpus.malicious.case import COMMAND, EVIL, GOOD, Case
from tests.kit.rstream import ACTIVE, BYTECODE, PAIRS, TAG, R

PACKERS = {"": bytes, "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def cases() -> Iterator[Case]:
    for form in "XAB":
        r = R(form)
        for version in (2, 3):
            name = f"{form}{version}"
            yield from _values(r, name, version)
            yield from _environments(r, name, version)
    r = R()
    evil, good = r.file(r.promise(_system(r))), r.file(r.text("a"))
    for name, pack in PACKERS.items():
        yield Case(f"packed-{name}", "r", "m.rds", pack(evil), pack(good), "critical", False)
    hostile, benign = (r.file(r.raw(pickles[4])) for pickles in (EVIL, GOOD))
    yield Case("raw-pickle", "r", "m.rds", hostile, benign, stream=EVIL[4])
    yield Case("trailing-pickle", "r", "m.rds", good + EVIL[4], good + GOOD[4], stream=EVIL[4])
    broken = evil + b"\0" * 3
    yield Case("broken-behind", "r", "m.rds", broken[:-12], good, "critical", False, gap=True)
    old = b"RDX1\n" + evil
    yield Case("old-version", "r", "m.rda", old, None, "incomplete", False)


def _system(r: R) -> bytes:
    return r.call("system", r.text(COMMAND))


def _values(r: R, name: str, version: int) -> Iterator[Case]:
    plain = r.file(r.listed(r.text("a"), r.text(COMMAND)), version)

    def case(kind: str, item: bytes, expect: str, workspace: bool = False) -> Case:
        twin = r.file(r.variables(x=r.text("system")), version, True) if workspace else plain
        data = r.file(item, version, workspace)
        return Case(f"{kind}-{name}", "r", "m.rda" if workspace else "m.rds", data, twin, expect,
                    False)  # fmt: skip

    promise = r.promise(_system(r))
    yield case("promise", promise, "critical")
    yield case("promise-in-a-list", r.listed(r.text("a"), promise), "critical")
    yield case("promise-in-a-variable", r.variables(x=r.text("a"), y=promise), "critical", True)
    yield case("promise-of-harmless-code", r.promise(r.call("sum", r.text("a"))), "high")
    wrapped = r.call("{", r.call("eval", r.call("parse", r.text(COMMAND))))
    yield case("promise-eval", r.promise(wrapped), "critical")
    yield case("function", r.closure(_system(r)), "medium")
    yield case("first", r.variables(**{".First": r.closure(_system(r))}), "high", True)
    yield case("last", r.variables(**{".Last": r.closure(r.call("sum"))}), "medium", True)
    inner = r.number(1) + r.number(13, 0) + r.number(1, 6) + r.symbol("system") + r.number(254, 254)
    yield case("bytecode", r.closure(r.number(BYTECODE) + inner), "medium")


def _environments(r: R, name: str, version: int) -> Iterator[Case]:
    quiet = r.variables(x=r.promise(r.call("sum"), r.text("a")))
    twin = r.file(r.environment(quiet), version)
    loud = r.variables(x=r.promise(_system(r)))
    yield Case(f"variable-{name}", "r", "m.rds", r.file(r.environment(loud), version), twin, "high",
               False)  # fmt: skip
    hashed = r.file(r.environment(r.number(254), loud), version)
    yield Case(f"variable-hashed-{name}", "r", "m.rds", hashed, twin, "high", False)
    binding = r.number(ACTIVE | TAG | PAIRS) + r.symbol("x") + r.closure(_system(r)) + r.number(254)
    active = r.file(r.environment(binding), version)
    yield Case(f"active-binding-{name}", "r", "m.rds", active, twin, "high", False)
