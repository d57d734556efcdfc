"""Archives: each member is looked at as if it were a file of the dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

from ..artifacts import Artifact
from ..errors import LimitExceeded, SentinelError
from ..findings import Gap
from ..formats import BY_NAME, Member, Parsed, load
from ..formats.identify import identify
from ..limits import Budget
from ..pii.sources import gap_of
from ..rules.dataset_notes import Note
from .kinds import Kind, kind_of, mismatch
from .notes import Notes
from .options import Options
from .table import TableWatch

if TYPE_CHECKING:
    from ..formats.torch_model import TorchArchive

Watch = Callable[[Artifact, Kind, Budget, Options, Notes], TableWatch | None]

_CONTAINERS = frozenset(
    ("zip", "tar", "gzip", "bzip2", "xz", "lzma", "zlib", "zstd", "lz4", "7z", "rar")
)


def watch_members(
    artifact: Artifact, budget: Budget, options: Options, notes: Notes, watch: Watch
) -> None:
    """Look at the members of an archive or at the content of a packed stream.

    What the scanner of models tells of the archive itself, and what it could not read, is in its
    own report; here only what is data among the members is looked at.

    Args:
        artifact: The archive.
        budget: Bounds members, bytes and time.
        options: How the dataset is validated.
        notes: Takes all that is seen.
        watch: Looks at one file.

    Raises:
        SentinelError: The archive cannot be read.
    """
    if artifact.depth >= budget.limits.max_depth:
        detail = f"nested deeper than {budget.limits.max_depth} containers"
        # Other members are read on.
        notes.gaps.append(Gap("limit", artifact.location(), detail, "raise --max-depth"))
        return
    names = identify(artifact, use_name=False).formats
    tensors = _tensors(artifact, budget) if "torch" in names else frozenset()
    for name in names:
        if name in _CONTAINERS:
            parsed = cast("Parsed", load(BY_NAME[name].parse)(artifact, budget))
            for member in _each(parsed, budget, tensors):
                _member(artifact, member, budget, options, notes, watch)


def _tensors(artifact: Artifact, budget: Budget) -> frozenset[int]:
    """Return the members of a model that are proven to be tensor data, however much like text."""
    try:
        parsed = cast("Parsed", load(BY_NAME["torch"].parse)(artifact, budget))
    except LimitExceeded:
        raise
    except SentinelError:
        return frozenset()
    model = cast("TorchArchive", parsed.model)
    return frozenset(entry.header_offset for entry in model.proven)


def _each(parsed: Parsed, budget: Budget, left_out: frozenset[int]) -> Iterator[Member]:
    for member in parsed.members:
        budget.check_time()
        if not member.guess and member.key not in left_out:
            budget.spend_member()
            yield member


def _member(
    parent: Artifact, member: Member, budget: Budget, options: Options, notes: Notes, watch: Watch
) -> None:
    try:
        child = parent.child(member.name, member.open())
    except LimitExceeded:
        raise
    except SentinelError:
        return  # told by the scanner
    inner = Notes()
    try:
        kind = kind_of(child)
        if kind.family == "program" or (kind.family == "script" and mismatch(child.leaf, kind)):
            inner.add(Note("program", f"a program lies among the data: {kind.title}", kind.title))
        elif kind.family == "pickle":
            inner.add(Note("pickle", "the data is a pickle", "pickle"))
        watch(child, kind, budget, options, inner)
    except LimitExceeded:
        raise
    except SentinelError as error:
        inner.gaps.append(gap_of(child, error))
    finally:  # what was seen before an error still counts
        for note in inner.facts().notes:
            path = "!".join(filter(None, (member.name, note.member)))
            notes.add(note._replace(member=path))
        notes.gaps += inner.gaps
