"""Techniques put together at random: a way to name, a way to call, a place, a trap, a wrapper.

Each case is drawn from a seed of its own, so that the same cases come out every time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from tests.corpus.malicious.archives import tarred
from tests.corpus.malicious.arrays import compressors, zipped
from tests.corpus.malicious.calls import instance
from tests.corpus.malicious.case import COMMAND, P4, SOURCE, Case
from tests.corpus.malicious.computed import texts
from tests.corpus.malicious.walks import got
from tests.kit.assemble import (
    APPEND,
    BINGET,
    BINPUT,
    BUILD,
    DUP,
    EXT2,
    GLOBAL,
    MARK,
    OBJ,
    POP,
    POP_MARK,
    REDUCE,
    STACK_GLOBAL,
    Code,
)

MANY = 400
TARGETS = (
    ("os", "system", COMMAND), ("posix", "system", COMMAND), ("subprocess", "getoutput", COMMAND),
    ("builtins", "exec", SOURCE), ("builtins", "eval", SOURCE), ("os", "popen", COMMAND),
    ("runpy", "_run_code", SOURCE), ("timeit", "timeit", SOURCE), ("pty", "spawn", COMMAND),
    ("acme.tools", "execute", COMMAND), ("fasttrain.hub", "fetch_all", COMMAND),
)  # fmt: skip

Name = Callable[[str, str], Code]

NAMES: dict[str, Name] = {
    "plain": lambda module, name: P4.name(module, name),
    "text": lambda module, name: GLOBAL(module, name),
    "memo": lambda module, name: P4.text(name) + BINPUT(77) + POP + P4.text(module) + BINGET(77)
    + STACK_GLOBAL,
    "decoy": lambda module, name: P4.text(module) + MARK + P4.text("json") + POP_MARK
    + P4.text(name) + STACK_GLOBAL,
    "joined": lambda module, name: texts(module)["join"] + texts(name)["join-letters"]
    + STACK_GLOBAL,
    "rot13": lambda module, name: texts(module)["rot13"] + P4.text(name) + STACK_GLOBAL,
    "base64": lambda module, name: P4.text(module) + texts(name)["b64"] + STACK_GLOBAL,
    "extension": lambda module, name: P4.extension(module, name, 4321) + EXT2(4321),
    "imported": lambda module, name: got(P4.call("importlib", "import_module", module), name),
    "getter": lambda module, name: P4.apply(
        P4.call("operator", "attrgetter", name), P4.call("builtins", "__import__", module)
    ),
    "located": lambda module, name: P4.call("pydoc", "locate", f"{module}.{name}"),
    "duplicated": lambda module, name: P4.name(module, name) + DUP + POP,
    "kept": lambda module, name: got(instance(P4, {"f": P4.name(module, name)}), "f"),
}  # fmt: skip

HOW: dict[str, Callable[[Code, str], Code]] = {
    "reduce": lambda callee, argument: P4.apply(callee, argument),
    "obj": lambda callee, argument: MARK + callee + P4.text(argument) + OBJ,
    "partial": lambda callee, argument: P4.apply(P4.call("functools", "partial", callee, argument)),
    "late": lambda callee, argument: P4.apply(P4.call("functools", "partial", callee), argument),
    "map": lambda callee, argument: P4.call(
        "builtins", "list", P4.call("builtins", "map", callee, [argument])
    ),
    "setstate": lambda callee, argument: instance(P4, {"__setstate__": callee})
    + P4.text(argument) + BUILD,
    "append": lambda callee, argument: instance(P4, {"append": callee}) + P4.text(argument)
    + APPEND,
    "operator": lambda callee, argument: P4.call("operator", "call", callee, argument),
    "state-of-result": lambda callee, argument: callee + P4.tuple(argument) + REDUCE
    + P4.value({"a": 1}) + BUILD,
}  # fmt: skip

PLACES: dict[str, Callable[[Code], Code]] = {
    "alone": lambda call: call,
    "value": lambda call: P4.value({"weights": [0.1, 0.2], "x": call, "y": (1, 2)}),
    "dropped": lambda call: call + POP + P4.value({"weights": [0.1]}),
    "argument": lambda call: P4.call("collections", "OrderedDict", [("a", call)]),
    "crowd": lambda call: P4.value([*range(600), call, *("w" * (n % 90) for n in range(300))]),
    "nested": lambda call: P4.value([[[{"a": [(1, call)]}]]]),
    "state": lambda call: instance(P4, {"a": call}),
}

AFTER: dict[str, bytes] = {
    "": b"", "second": b"\x80\x04K\x01.", "junk": b"\xff\xfe\x00", "zeros": b"\0" * 40,
}  # fmt: skip


def cases() -> Iterator[Case]:
    wrappers = {
        "none": lambda data: data,
        "zip": lambda data: zipped({"config.json": b"{}", "run/model.pkl": data}),
        "tar": lambda data: tarred({"notes.txt": b"x", "model.pkl": data}),
        **compressors(),
    }
    for number in range(MANY):
        chance = random.Random(number)
        module, name, argument = chance.choice(TARGETS)
        naming, how = chance.choice([*NAMES]), chance.choice([*HOW])
        place, after = chance.choice([*PLACES]), chance.choice([*AFTER])
        wrapper = chance.choice([*wrappers, *["none"] * 6])
        call = HOW[how](NAMES[naming](module, name), argument)
        stream = P4.file(PLACES[place](call))
        label = "-".join(filter(None, (naming, how, place, after, wrapper)))
        yield Case(
            f"{number}-{module}.{name}-{label}", "combined", "model.bin",
            wrappers[wrapper](stream + AFTER[after]), None, "medium", True, f"{module}.{name}",
            stream,
        )  # fmt: skip
