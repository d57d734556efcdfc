"""Conversations and records as JSON lines."""

from __future__ import annotations

import json
from random import Random

from . import decoys
from .build import Document, Writer
from .prose import paragraph
from .values import PERSONAL

_KEYS = {"trace_id": decoys.order, "uid": decoys.uid, "model": decoys.version}
_KEYS |= {"sha": decoys.commit, "loss": decoys.fraction, "session": decoys.identifier}


def _inside(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _conversation(rng: Random, out: Writer, row: int) -> None:
    out.raw('{"messages": [')
    for turn in range(rng.randint(2, 4)):
        role = ("user", "assistant")[turn % 2]
        out.raw((", " if turn else "") + f'{{"role": "{role}", "content": "')
        paragraph(rng, out, rng.randint(1, 4))
        out.raw('"}')
    out.raw("]}\n")


def _record(rng: Random, out: Writer, row: int) -> None:
    pairs = [(kind, True) for kind in rng.sample(list(PERSONAL), rng.randint(1, 4))]
    pairs += [(key, False) for key in rng.sample(list(_KEYS), rng.randint(1, 3))]
    rng.shuffle(pairs)
    out.raw("{")
    for place, (name, personal) in enumerate(pairs):
        key = rng.choice(PERSONAL[name].headers) if personal else name
        out.raw((", " if place else "") + f'"{_inside(key)}": "')
        if personal:
            out.plant(name, PERSONAL[name].make(rng), column=key, row=row)
        else:
            out.put(_KEYS[name](rng))
        out.raw('"')
    out.raw("}\n")


def document(rng: Random, number: int) -> Document:
    """Return 3 to 15 lines, all of conversations or all of records."""
    make = rng.choice((_conversation, _conversation, _record))
    out = Writer(_inside, "" if make is _record else "content")
    for row in range(rng.randint(3, 15)):
        make(rng, out, row)
    return out.document(f"{make.__name__[1:]}{number}.jsonl", "chat")
