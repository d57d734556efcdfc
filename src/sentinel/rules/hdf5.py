"""What we think of an HDF5 file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.hdf5.model import Hdf5File
from . import RuleContext, rule

_LISTED = 20
_LEAVES = re.compile(r"\A(?:[\\/~]|[A-Za-z]:|\w[\w+.-]*://)|(?:\A|[\\/])\.\.(?:[\\/]|\Z)|%\{|\$")
_BUILT_IN = range(1, 7)
_SHIPPED = frozenset((32000,))
_REMEDY = "Do not open this file where it can reach others; ask for one that holds its own data."


def _leaves(name: str) -> bool:
    """Return True for a file name that leads out of the folder of the file that names it."""
    return bool(_LEAVES.search(name))


@rule("SNT1423", "hdf5-external-link", severity=Severity.HIGH, formats=("hdf5",), cwe="CWE-73")
def external_link(model: Hdf5File, context: RuleContext) -> Iterator[Finding]:
    """A link in the file leads into another HDF5 file.

    **What.** A group holds an external link: a name that stands for an object of another file,
    which HDF5 opens by the path that is written here.

    **Why it matters.** Reading the model reads a file of whoever loads it. Weights taken from there
    can be saved again and leave the machine; a path to a share on Windows gives away the user's
    credentials. Keras 3.12 and later refuse such links, older versions follow them.

    A file that lies beside this one, under a plain name, is a part of the same data and low.

    **Fix.** Get a file that holds all of its data. `h5repack` or a copy made with `h5py` on the
    machine it comes from resolves the links.
    """
    for link in [link for link in model.links if link.kind == "external"][:_LISTED]:
        out = _leaves(link.file)
        yield context.finding(
            f"{link.path} is read from another file, {link.file!r}",
            offset=link.offset,
            evidence=f"{link.file}:{link.target}",
            remedy=_REMEDY,
            severity=Severity.LOW if link.beside else None,
            confidence=Confidence.HIGH if out else Confidence.MEDIUM,
        )


@rule("SNT1424", "hdf5-external-storage", severity=Severity.HIGH, formats=("hdf5",), cwe="CWE-73")
def external_storage(model: Hdf5File, context: RuleContext) -> Iterator[Finding]:
    """The raw bytes of a dataset are those of another file.

    **What.** A dataset is stored externally: its header lists files, and places in them, whose
    bytes are its values. The files need not be HDF5.

    **Why it matters.** Whoever loads the model reads any file of their machine into a weight, as in
    CVE-2026-1669 of Keras, where what was read could then be had from the model.

    **Fix.** Do not load the file. Nothing that trains or converts models writes one like it.
    """
    for dataset in [dataset for dataset in model.datasets if dataset.external][:_LISTED]:
        files = ", ".join(source.file for source in dataset.external[:4])
        out = any(_leaves(source.file) for source in dataset.external)
        yield context.finding(
            f"the values of {dataset.path} are the bytes of other files",
            offset=dataset.offset,
            evidence=files,
            remedy=_REMEDY,
            confidence=Confidence.HIGH if out else Confidence.MEDIUM,
        )


@rule("SNT1425", "hdf5-virtual-source", severity=Severity.MEDIUM, formats=("hdf5",), cwe="CWE-73")
def virtual_source(model: Hdf5File, context: RuleContext) -> Iterator[Finding]:
    """A virtual dataset is put together from other files.

    **What.** The dataset has no values of its own. It maps parts of datasets of other HDF5 files,
    named by their paths. Those within the same file are not reported.

    **Why it matters.** As with an external link, reading the model reads files of whoever loads it.
    Collections of measurements do this with their neighbours on purpose; a model has no need to.
    Paths that lead out of the folder are of high severity.

    **Fix.** Get a file that holds all of its data.
    """
    for dataset in [dataset for dataset in model.datasets if dataset.virtual][:_LISTED]:
        others = [source for source in dataset.virtual if source.file != "."]
        if others:
            out = any(_leaves(source.file) for source in others)
            yield context.finding(
                f"{dataset.path} is put together from other files",
                offset=dataset.offset,
                evidence=", ".join(f"{source.file}:{source.dataset}" for source in others[:4]),
                remedy=_REMEDY,
                severity=Severity.HIGH if out else None,
            )


@rule("SNT1426", "hdf5-filter-plugin", severity=Severity.LOW, formats=("hdf5",), cwe="CWE-829")
def filter_plugin(model: Hdf5File, context: RuleContext) -> Iterator[Finding]:
    """Reading a dataset needs a filter that HDF5 loads as a plugin.

    **What.** The chunks of a dataset went through a filter that is not built in. HDF5 looks for a
    shared library with that number in its folder of plugins and loads it.

    **Why it matters.** It is native code beside the model. Blosc, LZ4 and the like are usual in
    data files; a number that is not registered belongs to a program you should know.

    **Fix.** Install filters from a source you trust (`hdf5plugin`), never ones that came along with
    the model.
    """
    found: dict[int, tuple[str, str, int]] = {}
    for dataset in model.datasets:
        for entry in dataset.filters:
            if entry.id not in _BUILT_IN and entry.id not in _SHIPPED:
                found.setdefault(entry.id, (entry.name, dataset.path, dataset.offset))
    for number, (name, path, offset) in list(found.items())[:_LISTED]:
        yield context.finding(
            f"{path} needs the filter plugin {number}",
            offset=offset,
            evidence=f"{number} {name}".strip(),
            severity=Severity.INFO if 256 <= number < 32768 and name else None,
        )


@rule("SNT1427", "hdf5-other-bytes", severity=Severity.LOW, formats=("hdf5",), cwe="CWE-434")
def other_bytes(model: Hdf5File, context: RuleContext) -> Iterator[Finding]:
    """There are bytes before the HDF5 file's beginning or behind its end.

    **What.** HDF5 allows a block of the user's own before the superblock, and stops reading at the
    end that the superblock gives. What is there is examined as a file of its own.

    **Why it matters.** The same file can be something else for another program: an archive, a
    script, a pickle.

    **Fix.** If you do not know what the bytes are, copy the content into a new file with
    `h5repack`.
    """
    ranges = [("before the file's beginning", (0, model.offset))] if model.user_block else []
    ranges += [("behind its end", model.trailing)] if model.trailing else []
    for where, (offset, length) in ranges:
        yield context.finding(
            f"{length} bytes {where}",
            offset=offset,
            length=length,
            evidence=f"bytes {offset}..{offset + length}",
        )


@rule("SNT1428", "hdf5-user-link", severity=Severity.LOW, formats=("hdf5",), cwe="CWE-829")
def user_link(model: Hdf5File, context: RuleContext) -> Iterator[Finding]:
    """A link is of a kind that only some program knows.

    **What.** HDF5 lets programs register link classes of their own. Following one calls that
    program's code with what the file says.

    **Why it matters.** What it does cannot be told from the file. HDF5 alone refuses it.

    **Fix.** Ask whoever made the file what the link is for.
    """
    for link in [link for link in model.links if link.kind == "user"][:_LISTED]:
        yield context.finding(
            f"{link.path} is a link of an unknown kind", offset=link.offset, evidence=link.target
        )
