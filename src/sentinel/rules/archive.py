"""What we think of the structure of an archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias, cast

from ..findings import Finding, Severity
from ..limits import GIB, MIB
from . import RuleContext, rule

if TYPE_CHECKING:  # the models of other containers than the one that was met
    from ..formats.archive.anomalies import Anomaly
    from ..formats.archive.packed_model import CompressedStream, ListedArchive
    from ..formats.archive.tar_model import TarArchive
    from ..formats.archive.zip_model import ZipArchive

Container: TypeAlias = "ZipArchive | TarArchive | ListedArchive | CompressedStream"
Packed: TypeAlias = "ZipArchive | ListedArchive | CompressedStream"

STREAMS = ("gzip", "bzip2", "xz", "lzma", "zlib", "zstd", "lz4", "zfile")
_REBUILD = "Get the archive again from its source, or pack it anew with an ordinary tool."
_LISTED = 20
_LOADED = (
    ".pkl", ".pickle", ".pk", ".joblib", ".json", ".yaml", ".yml", ".toml", ".cfg", ".py", ".pt",
    ".pth", ".bin", ".ckpt", ".npy", ".h5", ".pb", ".jinja", ".model",
)  # fmt: skip


def report(
    model: Container,
    context: RuleContext,
    kinds: tuple[str, ...],
    message: Callable[[Anomaly], str],
    severity: Callable[[Anomaly], Severity] | None = None,
) -> Iterator[Finding]:
    """Yield a finding for each anomaly whose kind starts with one of ``kinds``, twenty at most."""
    matching = [found for found in model.anomalies if found.kind.startswith(kinds)]
    for found in matching[:_LISTED]:
        yield context.finding(
            message(found),
            offset=found.offset,
            evidence=f"{found.entry}: {found.detail}" if found.entry else found.detail,
            remedy=_REBUILD,
            severity=None if severity is None else severity(found),
        )
    if len(matching) > _LISTED:
        first = matching[_LISTED]
        yield context.finding(
            f"at least {len(matching) - _LISTED} more members or places like these",
            offset=first.offset,
            evidence=first.detail,
            remedy=_REBUILD,
            severity=None if severity is None else max(map(severity, matching[_LISTED:])),
        )


_DIFFERS = {
    "local-missing": "the directory lists {0!r} where there is no member",
    "local-name": "{0!r} bears another name in its own header",
    "local-flags": "the directory and the member's own header disagree about how {0!r} is packed",
    "local-method": "the directory and the member's own header disagree about how {0!r} is packed",
    "local-size": "the directory and the member's own header disagree about the size of {0!r}",
    "local-crc": "the directory and the member's own header disagree about the checksum of {0!r}",
    "stored-size": "{0!r} takes up another number of bytes than it claims to hold",
    "pax-size": "{0!r} has two sizes; readers that believe the other find other members",
    "bad-size": "the size of {0!r} is no number",
    "link-size": "{0!r} claims bytes that a member of its kind does not have",
}


@rule(
    "SNT1201", "header-disagreement", severity=Severity.HIGH, formats=("zip", "tar"), cwe="CWE-436"
)
def header_disagreement(model: Container, context: RuleContext) -> Iterator[Finding]:
    """Two places in the archive say different things about one member.

    **What.** A zip archive describes each member twice, in its directory and in front of the
    member's bytes; a tar archive may give a size in an extended header and another in the plain
    one. Here the two differ in name, size, packing or checksum.

    **Why it matters.** Some programs believe the one, some the other: PyTorch loads a member that
    `zipfile` refuses, a scanner looks at other bytes than the loader. Ordinary tools never write
    such an archive. All readings were examined; still, this was made on purpose, or it is damaged.

    **Fix.** Do not load it. Get it again from its source.
    """

    def severity(found: Anomaly) -> Severity:
        weak = found.kind in ("local-crc", "link-size")
        return Severity.MEDIUM if weak else Severity.HIGH

    def message(found: Anomaly) -> str:
        return _DIFFERS[found.kind].format(found.entry)

    return report(model, context, tuple(_DIFFERS), message, severity)


@rule("SNT1202", "duplicate-member", severity=Severity.HIGH, formats=("zip", "tar"), cwe="CWE-694")
def duplicate_member(model: Container, context: RuleContext) -> Iterator[Finding]:
    """The archive holds two members of the same name.

    **What.** A name occurs more than once. The finding is low when the bytes are the same.

    **Why it matters.** Which one is loaded depends on the program: PyTorch takes one, `zipfile` and
    `tarfile` the last. A scanner that looks at the harmless one clears the other.

    **Fix.** Find out which one is meant and pack the archive anew. Scripts that append to an
    archive cause this by mistake.
    """

    def severity(found: Anomaly) -> Severity:
        return Severity.LOW if found.kind == "duplicate-same" else Severity.HIGH

    def message(found: Anomaly) -> str:
        same = "the same" if found.kind == "duplicate-same" else "different"
        return f"{found.entry!r} is in the archive more than once, with {same} bytes"

    return report(model, context, ("duplicate",), message, severity)


@rule("SNT1203", "case-collision", severity=Severity.HIGH, formats=("zip", "tar"), cwe="CWE-178")
def case_collision(model: Container, context: RuleContext) -> Iterator[Finding]:
    """Two members' names differ only in upper and lower case.

    **What.** For instance `data.pkl` and `DATA.PKL`. The finding is low when the bytes are the same
    or when the names are of files that no model loader asks for.

    **Why it matters.** PyTorch looks members up without regard to case, `zipfile` with; on Windows
    and macOS one overwrites the other. What is scanned need not be what is loaded.

    **Fix.** Find out which one is meant, rename or remove the other.
    """

    def severity(found: Anomaly) -> Severity:
        name = found.entry.lower()
        asked_for = name.endswith(_LOADED) or "/data/" in name or "/code/" in name
        return Severity.HIGH if found.kind == "case-collision" and asked_for else Severity.LOW

    def message(found: Anomaly) -> str:
        return f"{found.entry!r} differs from another member's name in case alone"

    return report(model, context, ("case-",), message, severity)


_DIRECTORIES = {
    "ambiguous": "readers disagree about where the archive's directory is",
    "second-directory": "there is more than one archive in this file",
    "count": "the archive's directory is not as long as its end record says",
}


@rule("SNT1204", "ambiguous-directory", severity=Severity.HIGH, formats=("zip",), cwe="CWE-436")
def ambiguous_directory(model: Container, context: RuleContext) -> Iterator[Finding]:
    """The file can be read as more than one zip archive.

    **What.** Several archives were joined, or the record at the end can be taken in two ways: from
    the start of the file, as PyTorch does, or from where the archive must have begun, as Python's
    `zipfile` does. Or the record counts fewer entries than there are, and some readers stop there.

    **Why it matters.** Each program sees another set of members. That is a way to show a scanner
    one model and the loader another.

    **Fix.** Do not load it. Get it again from its source.
    """

    def message(found: Anomaly) -> str:
        return _DIRECTORIES[found.kind]

    return report(model, context, tuple(_DIRECTORIES), message)


@rule("SNT1205", "hidden-data", severity=Severity.HIGH, formats=("zip", "tar"), cwe="CWE-506")
def hidden_data(model: Container, context: RuleContext) -> Iterator[Finding]:
    """The archive holds something that its list of members does not show.

    **What.** A member that only its own header knows, a member behind the end of a tar archive, or
    bytes between members. High when they look like an archive, a program or a pickle.

    **Why it matters.** Programs that read an archive from front to back unpack such members, others
    never show them. The bytes can also be a payload that something else in the file points to.

    **Fix.** Unpack what is listed and pack it anew; ask where the archive came from.
    """

    def severity(found: Anomaly) -> Severity:
        if found.kind in ("local-only", "after-end"):
            return Severity.HIGH
        worse = found.kind.endswith(("-archive", "-executable", "-pickle"))
        return Severity.HIGH if worse else Severity.MEDIUM

    def message(found: Anomaly) -> str:
        if found.kind == "local-only":
            return f"{found.entry!r} is in the archive but not in its directory"
        if found.kind == "after-end":
            return f"{found.entry!r} lies behind the end of the archive"
        return f"there is {_thing(found)} between the members"

    return report(model, context, ("local-only", "after-end", "hidden-"), message, severity)


_THINGS = {
    "archive": "another archive",
    "executable": "a program",
    "script": "a script",
    "pickle": "what looks like a pickle",
    "model": "a model file",
    "text": "text",
    "data": "data",
}


def _thing(found: Anomaly) -> str:
    return _THINGS.get(found.kind.rpartition("-")[2], "data")


@rule(
    "SNT1206",
    "data-around-archive",
    severity=Severity.MEDIUM,
    formats=("zip", "tar", "7z", "rar", *STREAMS),
    cwe="CWE-506",
)
def data_around_archive(model: Container, context: RuleContext) -> Iterator[Finding]:
    """There is something in front of the archive, behind it, or in its comment.

    **What.** Bytes that belong to no member. Low for what ordinary tools write: a `#!` line (Python
    zip applications), a TensorFlow Lite model (its metadata is a zip behind it), an archive within
    another file, with that file's bytes on both sides, and text behind the end.

    **Why it matters.** A file that is two things at once is read by each program as the one it
    expects: a pickle in front of a zip is run by `torch.load`, which takes a file for a zip only
    when it starts as one. Each part was examined; still an ordinary model has no such parts.

    **Fix.** Ask where the file came from. Unpack the archive and pack it anew.
    """
    sides = {found.kind.partition("-")[0] for found in model.anomalies}
    embedded = {"prefix", "suffix"} <= sides

    def severity(found: Anomaly) -> Severity:
        where, _, what = found.kind.partition("-")
        if embedded and what in ("data", "pickle", "text"):
            return Severity.LOW
        if where == "prefix":
            return Severity.LOW if what in ("script", "model") else Severity.MEDIUM
        return Severity.LOW if what == "text" else Severity.MEDIUM

    def message(found: Anomaly) -> str:
        where = found.kind.partition("-")[0]
        places = {"prefix": "in front of", "comment": "in the comment of"}
        return f"there is {_thing(found)} {places.get(where, 'behind')} the archive"

    return report(
        model, context, ("prefix-", "suffix-", "trailing-", "comment-"), message, severity
    )


@rule("SNT1212", "overlapping-members", severity=Severity.HIGH, formats=("zip",), cwe="CWE-409")
def overlapping_members(model: Container, context: RuleContext) -> Iterator[Finding]:
    """Members of the archive share bytes.

    **What.** A member starts within another one, or runs into the directory.

    **Why it matters.** No tool packs like this. It is how a small file unpacks to petabytes (a
    "better zip bomb"), and how one stretch of bytes gets two meanings.

    **Fix.** Do not unpack it.
    """

    def message(found: Anomaly) -> str:
        return f"{found.entry!r} shares bytes with another part of the archive"

    return report(model, context, ("overlap",), message)


@rule(
    "SNT1213",
    "decompression-bomb",
    severity=Severity.MEDIUM,
    formats=("zip", "7z", "rar", *STREAMS),
    cwe="CWE-409",
)
def decompression_bomb(model: Packed, context: RuleContext) -> Iterator[Finding]:
    """A few bytes unpack to a great many.

    **What.** A member of 1 GiB or more of which 500 bytes or more come from each byte, or one of
    64 MiB or more at 2000 to one.

    **Why it matters.** Whoever unpacks it runs out of memory or disk. Weights do not compress like
    that; only long runs of one value do.

    **Fix.** Unpack it only with a bound on its size.
    """
    bombs = [found for found in _sizes(model) if _explodes(found[0], found[1])]
    for size, packed, offset, name in bombs[:_LISTED]:
        what = repr(name) if name else "the stream"
        yield context.finding(
            f"{what} unpacks to {size} bytes from {packed}",
            offset=offset,
            evidence=f"{name} {packed} -> {size}".strip(),
            remedy="Unpack it only with a bound on its size.",
        )


def _sizes(model: Packed) -> Iterator[tuple[int, int, int, str]]:
    """Yield size, packed size, offset and name of what a container holds."""
    if hasattr(model, "entries"):
        for entry in cast("ZipArchive | ListedArchive", model).entries:
            yield entry.size, entry.compressed, entry.header_offset, entry.name
    else:
        yield model.size, model.consumed, 0, ""


def _explodes(size: int, packed: int) -> bool:
    if not packed:
        return False
    return (size >= GIB and size >= 500 * packed) or (size >= 64 * MIB and size >= 2000 * packed)


@rule("SNT1214", "damaged-archive", severity=Severity.LOW, formats=("tar",), cwe="CWE-20")
def damaged_archive(model: Container, context: RuleContext) -> Iterator[Finding]:
    """A tar archive is not as its format wants it.

    **What.** A block that should be a header is none (medium), or the blocks that mark the end are
    missing (low).

    **Why it matters.** Python's `tarfile` stops at such a block, other programs go on behind it, so
    they unpack different sets of files. A missing end is mostly an interrupted download.

    **Fix.** Get the archive again from its source.
    """

    def severity(found: Anomaly) -> Severity:
        return Severity.MEDIUM if found.kind == "checksum" else Severity.LOW

    def message(found: Anomaly) -> str:
        return {
            "checksum": "readers stop here: a block that should start a member does not",
            "no-end": "the archive has no end mark; it may be cut short",
        }[found.kind]

    return report(model, context, ("checksum", "no-end"), message, severity)
