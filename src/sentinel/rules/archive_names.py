"""What we think of the members of an archive: their names, their kinds, how they are packed."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from ..findings import Confidence, Finding, Severity
from ..formats.archive.zip_model import ZipArchive, ZipEntry
from . import RuleContext, rule
from .archive import report
from .archive_paths import clean, deception, escape, link_escape

if TYPE_CHECKING:  # the models of other containers than the one that was met
    from ..formats.archive.packed_model import ListedArchive
    from ..formats.archive.tar_model import TarArchive

Archive: TypeAlias = "ZipArchive | TarArchive | ListedArchive"

_ALL = ("zip", "tar", "7z", "rar")
_LISTED = 20
_REMEDY = "Do not unpack the archive; get it from its source, or pack it anew without this member."
_ENCRYPTED = 0x1 | 0x40
_METHODS = {
    1: "shrink", 6: "implode", 9: "Deflate64", 12: "bzip2", 14: "LZMA", 16: "CMPSC",
    18: "TERSE", 19: "LZ77", 20: "Zstandard (old number)", 93: "Zstandard", 94: "MP3", 95: "xz",
    96: "JPEG", 97: "WavPack", 98: "PPMd", 99: "AES",
}  # fmt: skip


_Problem: TypeAlias = tuple[str, int, str, Severity]
"""Name and offset of a member, what is wrong with it, and how bad that is."""


def _report(context: RuleContext, problems: Iterable[_Problem]) -> Iterator[Finding]:
    """Yield a finding for each problem, twenty at most, and one for the rest."""
    found = iter(problems)
    for name, offset, what, severity in islice(found, _LISTED):
        yield context.finding(
            f"{name!r} {what}",
            offset=offset,
            evidence=f"{name!r} {what}",
            remedy=_REMEDY,
            severity=severity,
        )
    rest = list(found)
    if rest:
        name, offset, what, _ = rest[0]
        yield context.finding(
            f"{len(rest)} more members like it",
            offset=offset,
            evidence=f"{name!r} {what}",
            remedy=_REMEDY,
            severity=max(severity for *_, severity in rest),
        )


@rule("SNT1207", "path-traversal", severity=Severity.HIGH, formats=_ALL, cwe="CWE-22")
def path_traversal(model: Archive, context: RuleContext) -> Iterator[Finding]:
    """A member's name leads out of the folder that the archive is unpacked to.

    **What.** The name climbs with `..`, is absolute, or names a drive or a network share.
    Backslashes as separators, which old .NET tools write, are low by themselves.

    **Why it matters.** A program that unpacks the archive without checking ("zip slip") writes
    wherever the archive's author likes: start-up scripts, keys, the code of an installed package.

    **Fix.** Do not unpack it. No model needs such a name.
    """
    return _report(context, _traversals(model))


def _traversals(model: Archive) -> Iterator[_Problem]:
    for entry in model.entries:
        other = entry.local_name if isinstance(entry, ZipEntry) else None
        for name in (entry.name,) if other is None else (entry.name, other):
            how = escape(name)
            if how:
                yield (name, entry.header_offset, how, Severity.HIGH)
            elif "\\" in name:
                what = "has backslashes, which some systems take for separators"
                yield (name, entry.header_offset, what, Severity.LOW)


@rule("SNT1208", "archive-link", severity=Severity.HIGH, formats=_ALL, cwe="CWE-59")
def archive_link(model: Archive, context: RuleContext) -> Iterator[Finding]:
    """The archive holds a link that leads out of the folder it is unpacked to.

    **What.** A symbolic or hard link whose target is absolute or climbs out, by itself or through
    another link. Links that stay inside are one low finding for all of them together.

    **Why it matters.** What is unpacked afterwards through the link lands outside; and a program
    that reads the link's name reads the target, such as a key or a password file.

    **Fix.** Do not unpack it; pack it anew with links followed (`tar --dereference`).
    """
    links = list(_links(model))
    symbolic = frozenset(clean(name) for name, _, _, hard in links if not hard)
    outside: list[_Problem] = []
    inside: list[tuple[str, int]] = []
    for name, offset, target, hard in links:
        how = link_escape(name, target, hard, symbolic) if target else ""
        if how:
            what = f"is a link to {target!r}: {how}"
            outside.append((name, offset, what, Severity.HIGH))
        else:
            inside.append((name, offset))
    yield from _report(context, outside)
    if inside:
        name, offset = inside[0]
        yield context.finding(
            f"{len(inside)} links that stay within the archive, such as {name!r}",
            offset=offset,
            evidence=name,
            severity=Severity.LOW,
        )


def _links(model: Archive) -> Iterator[tuple[str, int, str, bool]]:
    """Yield name, offset, target, and whether it is a hard link."""
    if isinstance(model, ZipArchive):
        for found in model.anomalies:
            if found.kind == "symlink":
                yield found.entry, found.offset, found.detail, False
        return
    for entry in model.entries:
        if entry.kind in ("symlink", "hardlink"):
            yield entry.name, entry.header_offset, entry.link, entry.kind == "hardlink"


@rule("SNT1209", "special-file", severity=Severity.HIGH, formats=("zip", "tar"), cwe="CWE-73")
def special_file(model: Archive, context: RuleContext) -> Iterator[Finding]:
    """The archive holds a device, a pipe or a socket.

    **What.** A member that is no file, folder or link.

    **Why it matters.** Unpacked by an administrator, a device gives access to a disk or to memory;
    a pipe makes whoever opens it wait for ever. A model has no use for either.

    **Fix.** Do not unpack it.
    """
    return _report(context, _specials(model))


def _specials(model: Archive) -> Iterator[_Problem]:
    for entry in model.entries:
        if isinstance(entry, ZipEntry):
            kind = _special_kind(entry.mode)
        else:
            kind = _TAR_SPECIALS.get(entry.kind, "")
        if kind:
            yield (entry.name, entry.header_offset, f"is a {kind}", Severity.HIGH)


_TAR_SPECIALS = {
    "character": "character device",
    "block": "block device",
    "fifo": "named pipe",
}


def _special_kind(mode: int) -> str:
    if stat.S_ISCHR(mode):
        return "character device"
    if stat.S_ISBLK(mode):
        return "block device"
    if stat.S_ISFIFO(mode):
        return "named pipe"
    return "socket" if stat.S_ISSOCK(mode) else ""


@rule("SNT1210", "encrypted-member", severity=Severity.MEDIUM, formats=_ALL, cwe="CWE-311")
def encrypted_member(model: Archive, context: RuleContext) -> Iterator[Finding]:
    """Members of the archive are encrypted and were not examined.

    **What.** A password is needed to read them.

    **Why it matters.** Encryption keeps scanners out; malware is sent around like this, with the
    password beside it. What is inside is unknown.

    **Fix.** Decrypt the archive and scan what comes out.
    """
    locked = [
        entry
        for entry in model.entries
        if (isinstance(entry, ZipEntry) and entry.flags & _ENCRYPTED)
        or getattr(entry, "encrypted", False)
    ]
    if locked:
        first = locked[0]
        yield context.finding(
            f"{len(locked)} of {len(model.entries)} members are encrypted, such as {first.name!r}",
            offset=first.header_offset,
            evidence=first.name,
            remedy="Decrypt the archive and scan what is in it.",
        )


@rule("SNT1211", "unusual-method", severity=Severity.LOW, formats=("zip",), cwe="CWE-436")
def unusual_method(model: ZipArchive, context: RuleContext) -> Iterator[Finding]:
    """Members are packed in a way that few programs read.

    **What.** A compression method other than the usual two (stored and deflate).

    **Why it matters.** What most scanners cannot unpack they skip. Methods that are read here were
    unpacked and examined; others are a gap in the coverage.

    **Fix.** Pack the archive anew with deflate.
    """
    methods: dict[int, ZipEntry] = {}
    for entry in model.entries:
        if entry.method not in (0, 8) and not entry.flags & _ENCRYPTED:
            methods.setdefault(entry.method, entry)
    for method, entry in sorted(methods.items())[:_LISTED]:
        title = _METHODS.get(method, "unknown")
        yield context.finding(
            f"{entry.name!r} is packed with method {method} ({title})",
            offset=entry.header_offset,
            evidence=f"method {method}",
            confidence=Confidence.HIGH,
        )


@rule("SNT1215", "deceptive-name", severity=Severity.HIGH, formats=_ALL, cwe="CWE-451")
def deceptive_name(model: Archive, context: RuleContext) -> Iterator[Finding]:
    """A member's name is not what it seems.

    **What.** It holds a NUL, at which some readers cut it; a control character or one that turns
    the direction of writing, so that it shows as another (medium); or it has a second name in an
    extra field that says something else.

    **Why it matters.** `data.pkl` followed by a NUL and `.txt` is a text file for one program and a
    pickle for the next. Programs differ in which of two names they use.

    **Fix.** Do not load it; ask for an archive with plain names.
    """
    yield from _report(context, _deceptions(model))
    if isinstance(model, ZipArchive):
        yield from report(
            model,
            context,
            ("unicode-path",),
            lambda found: f"{found.entry!r} has a second name in an extra field",
        )


def _deceptions(model: Archive) -> Iterator[_Problem]:
    for entry in model.entries:
        how = deception(entry.name)
        if how:
            severity = Severity.HIGH if "\0" in entry.name else Severity.MEDIUM
            yield (entry.name, entry.header_offset, f"holds {how}", severity)
