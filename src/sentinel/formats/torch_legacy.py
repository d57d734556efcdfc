"""Torch files from before the zip format: five pickles, then the storages as raw bytes.

The pickles are a magic number, a protocol version, facts about the system, the object, and the
list of storage keys; behind them lies, for each key, the number of elements in eight bytes and the
elements. Source: ``_legacy_save`` and ``_legacy_load`` in ``torch/serialization.py``.
"""

from __future__ import annotations

from .pickle.literals import as_text, elements
from .pickle.program import PickleProgram
from .pickle.values import Container, Value
from .torch_storages import Reference, references

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001

_PICKLES = 5
_HEADER = 8
_MOST_KEYS = 1 << 20


def is_legacy(program: PickleProgram) -> bool:
    """Return True when a program starts as a legacy torch file does, with constants."""
    streams = program.streams
    if len(streams) < _PICKLES or any(stream.error for stream in streams[:_PICKLES]):
        return False
    magic, protocol = (_literal(program, stream.result) for stream in streams[:2])
    return magic == MAGIC and protocol == PROTOCOL


def storages_length(program: PickleProgram) -> int:
    """Return how many bytes of storages follow the fifth pickle of a legacy torch file.

    Args:
        program: A program of exactly five pickles so far. When the storages they name are longer
            than the rest of the file, the program is marked as torn.

    Returns:
        The length, or 0 when this is no such file or the rest is not explained.
    """
    if not is_legacy(program):
        return 0
    found = _by_key(program)
    listed = _listed(program, found)
    if listed is None:
        return 0
    total = sum(_HEADER + reference.length for reference in listed)
    end = program.streams[_PICKLES - 1].end
    rest = program.window.size - program.offset(end)
    if total > rest:
        program.torn = f"the storages take {total} bytes, of which {rest} are there"
        return 0
    head = program.data[end : end + _HEADER]
    if listed and len(head) == _HEADER and int.from_bytes(head, "little") != listed[0].numel:
        return 0
    if not program.streams[_PICKLES - 1].result.more:  # type: ignore[union-attr]
        _note_raw(program, listed, program.offset(end))
    return total


def _note_raw(program: PickleProgram, listed: list[Reference], at: int) -> None:
    """Note the storages of single bytes among those that begin at an offset."""
    for reference in listed:
        at += _HEADER
        if reference.raw:
            program.recorder.note_raw(at, reference.length)
        at += reference.length


def _literal(program: PickleProgram, value: Value | None) -> object:
    return None if value is None else program.literal(value)


def _by_key(program: PickleProgram) -> dict[str, Reference] | None:
    """Return the storages that the pickles name, or None when they contradict each other."""
    found: dict[str, Reference] = {}
    for reference in references(program):
        known = found.setdefault(reference.key, reference)
        if known.length != reference.length:
            return None
    return found


def _listed(program: PickleProgram, found: dict[str, Reference] | None) -> list[Reference] | None:
    """Return the storages in the order of the key list; None when it names others."""
    keys = program.streams[_PICKLES - 1].result
    if found is None or type(keys) is not Container or keys.kind != "list":
        return None
    if keys.more:  # the order is lost, the sum is not
        return [found[key] for key in sorted(found)]
    names = [_key(program, value) for value in elements(program.data, keys, _MOST_KEYS)]
    if len(set(names)) != len(names) or not all(name in found for name in names):
        return None
    return [found[name] for name in names if name is not None]


def _key(program: PickleProgram, value: Value) -> str | None:
    literal = program.literal(value)
    return str(literal) if type(literal) is int else as_text(literal)
