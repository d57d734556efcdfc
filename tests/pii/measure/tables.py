"""Tables with columns of personal data, some of them under headers that say nothing."""

from __future__ import annotations

from random import Random

from . import decoys
from .build import Document, Writer
from .prose import bare
from .values import PERSONAL

NAMELESS = 0.25
_BLANK = ("c{}", "col_{}", "field{}", "V{}", "x{}", "attr_{}", "value{}")
_OTHERS = {
    "id": decoys.uid, "uid": decoys.uid, "order_ref": decoys.order, "permit": decoys.uid,
    "parcel_id": decoys.uid, "score": decoys.fraction, "sha": decoys.commit,
    "uuid": decoys.identifier, "version": decoys.version, "created_at": decoys.stamp,
    "ts_ms": decoys.epoch, "host": decoys.private_ip, "part_no": decoys.part,
    "shipment": decoys.order, "weight": decoys.fraction,
}  # fmt: skip
_PROSE = ("ok", "late delivery", "n/a", "second, shorter note", "")


def _quoted(value: str, delimiter: str) -> str:
    if delimiter in value or '"' in value:
        return '"' + value.replace('"', '""') + '"'
    return value


def _columns(rng: Random) -> list[tuple[str, str]]:
    """Return header and type of each column; the type of an ordinary one is empty."""
    chosen, columns = rng.sample(list(PERSONAL), rng.randint(2, 6)), []
    for place, kind in enumerate(chosen):
        made = PERSONAL[kind]
        if made.strong and rng.random() < NAMELESS:
            columns.append((rng.choice(_BLANK).format(place), kind))
        else:
            columns.append((rng.choice(made.headers), kind))
    columns += [(name, "") for name in rng.sample(list(_OTHERS), rng.randint(1, 4))]
    if rng.random() < 0.4:
        columns.append(("comment", ""))
    rng.shuffle(columns)
    return columns


def _nameless(header: str, kind: str) -> bool:
    return bool(kind) and header not in PERSONAL[kind].headers


def _value(rng: Random, header: str, kind: str) -> str:
    if not kind:
        return rng.choice(_PROSE) if header == "comment" else _OTHERS[header](rng)
    if kind == "PHONE" and _nameless(header, kind):
        return bare(rng, kind)
    return PERSONAL[kind].make(rng)


def document(rng: Random, number: int) -> Document:
    """Return a table of 15 to 60 rows, or 4 to 10 where every column is named."""
    columns = _columns(rng)
    delimiter = rng.choice(",,,;\t|")
    named = not any(_nameless(header, kind) for header, kind in columns)
    rows = rng.randint(4, 10) if named and rng.random() < 0.3 else rng.randint(15, 60)
    out = Writer(lambda text: _quoted(text, delimiter))
    out.raw(delimiter.join(_quoted(header, delimiter) for header, _ in columns) + "\n")
    for row in range(rows):
        for place, (header, kind) in enumerate(columns):
            out.raw(delimiter if place else "")
            value = "" if kind and rng.random() < 0.03 else _value(rng, header, kind)
            if kind and value:
                cued = not _nameless(header, kind)
                out.plant(kind, value, cued=cued, column=header, row=row)
            else:
                out.put(value)
        out.raw("\n")
    return out.document(f"export{number}.{'tsv' if delimiter == chr(9) else 'csv'}", "csv")
