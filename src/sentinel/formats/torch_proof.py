"""Matches the storages that pickles ask for with the members of an archive.

PyTorch looks records up without regard to case, takes a stored or deflated record, and ignores
checksums. A member is proven only where every reader would see the same bytes: it is stored, it is
as long as the pickle says in every field, and every pickle that names it agrees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from .archive.zip_model import ZipEntry
from .torch_model import TorchPickle
from .torch_storages import references

if TYPE_CHECKING:
    from .torch_doubts import Missing, Unproven

_FOLDERS = frozenset(("data", "constants", "traced_inputs", "bytecode"))
_PACKAGED = ".storage"
_MOST_MISSING = 1_000
_OTHER_USES = (".pkl", ".debug_pkl", ".py", ".json", ".so")
"""Endings of members that loaders read as something else, whatever a pickle calls them."""


Proof: TypeAlias = """tuple[
    tuple[ZipEntry, ...], tuple[ZipEntry, ...], tuple[Unproven, ...], tuple[Missing, ...]
]"""
"""Members that are tensor data; those of them that are single bytes; members that are not proven to
be tensor data; storages that are not there."""


def prove(entries: Sequence[ZipEntry], pickles: Iterable[TorchPickle]) -> Proof:
    """Judge every member that lies where storages lie.

    Args:
        entries: First readings of the archive's members (one for each header offset).
        pickles: The archive's pickles.
    """
    present: dict[str, list[ZipEntry]] = defaultdict(list)
    for entry in entries:
        present[entry.name.lower()].append(entry)
    wanted: dict[str, set[int]] = defaultdict(set)
    single: set[str] = set()
    missing: dict[tuple[str, str], None] = {}
    for found in pickles:
        folders = _folders(found.name)
        for reference in references(found.program):
            place = _place(folders, reference.key, present)
            if place:
                wanted[place].add(reference.length)
                if reference.raw:
                    single.add(place)
            elif reference.length and len(missing) < _MOST_MISSING:
                missing[reference.key, found.name] = None
    proven: list[ZipEntry] = []
    doubted: list[tuple[ZipEntry, str, str]] = []
    for name, group in present.items():
        lengths = wanted.get(name)
        if lengths is None and not _among_storages(name):
            continue
        for entry in group:
            reason, detail = _doubt(entry, lengths)
            if reason:
                doubted.append((entry, reason, detail))
            else:
                proven.append(entry)
    raw = tuple(entry for entry in proven if entry.name.lower() in single) if single else ()
    if not doubted and not missing:
        return tuple(proven), raw, (), ()
    from .torch_doubts import Missing, Unproven

    unproven = tuple(
        Unproven(entry.name, entry.header_offset, max(entry.size, entry.compressed), *doubt)
        for entry, *doubt in doubted
    )
    return tuple(proven), raw, unproven, tuple(Missing(*lost) for lost in missing)


def _folders(pickle: str) -> list[tuple[str, str]]:
    """Return what stands before and after a key where a loader would look for it, in lower case.

    ``torch.load`` and TorchScript look in the folder named like the pickle, mobile byte code among
    the constants, ``torch.package`` in ``.data``.
    """
    pickle = pickle.lower()
    folder, slash, name = pickle.rpartition("/")
    stem = name.partition(".")[0]
    packaged = (f"{pickle.partition('/')[0]}/.data/", _PACKAGED)
    constants = (f"{folder}{slash}constants/", "")
    own = [(f"{folder}{slash}{stem}/", "")] if stem in _FOLDERS else []
    return [*own, packaged, constants]


def _place(folders: list[tuple[str, str]], key: str, present: Mapping[str, list[ZipEntry]]) -> str:
    """Return the name, in lower case, of the member that holds a storage, or nothing."""
    key = key.lower()
    if not key or "/" in key or "\\" in key or key.endswith(_OTHER_USES):
        return ""
    for before, after in folders:
        name = before + key.removesuffix(after) + after
        if name in present:
            return name
    return ""


def _among_storages(name: str) -> bool:
    """Return True for ``<root>/data/<key>`` and the like."""
    _, slash, below = name.partition("/")
    folder, _, last = below.partition("/")
    if not slash or not last or "/" in last or last.endswith(_OTHER_USES):
        return False
    return folder in _FOLDERS or (folder == ".data" and last.endswith(_PACKAGED))


def _doubt(entry: ZipEntry, lengths: set[int] | None) -> tuple[str, str]:
    """Return why a member is not proven, in a word and in a sentence; empty when it is."""
    if not entry.size and not entry.compressed:
        return "", ""
    if not lengths:
        return "unreferenced", f"{entry.size} bytes that no pickle asks for"
    if lengths != {entry.size}:
        due = " or ".join(str(length) for length in sorted(lengths)[:4])
        return "size", f"{entry.size} bytes where the pickle asks for {due}"
    if entry.method:
        return "compressed", f"{entry.compressed} compressed bytes (method {entry.method})"
    if entry.compressed != entry.size:
        return "size", f"takes up {entry.compressed} bytes and claims to hold {entry.size}"
    return "", ""
