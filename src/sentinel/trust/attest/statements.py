"""From a manifest to the statement about it, and back: does this statement speak of this model?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...errors import TrustError
from ..manifest import Manifest, is_model_file, listed
from ..statement import Statement, Subject
from .uris import MANIFEST_SUBJECT


def about(manifest: Manifest, predicate_type: str, predicate: Mapping[str, object]) -> Statement:
    """Return a statement whose subjects are every file and the manifest.

    Args:
        manifest: The files of the model.
        predicate_type: URI of the predicate.
        predicate: The predicate.

    Raises:
        TrustError: There is no file, a directory without files that no digest would cover, or a
            file that bears the name kept for the manifest.
    """
    if not manifest.files:
        raise TrustError("missing-file", "there is no file to attest")
    if manifest.empty_directories:
        name = manifest.empty_directories[0]
        raise TrustError("empty-directory", f"{name}: a directory without files", "remove it")
    subjects = [Subject(one.name, one.sha256) for one in manifest.files]
    if any(subject.name == MANIFEST_SUBJECT for subject in subjects):
        raise TrustError("name-invalid", f"{MANIFEST_SUBJECT!r} cannot be the name of a file")
    subjects.append(Subject(MANIFEST_SUBJECT, manifest.digest))
    return Statement(tuple(subjects), predicate_type, predicate)


def check_subjects(
    statement: Statement, manifest: Manifest, *, tolerated: Sequence[str] = ()
) -> None:
    """Check that a statement speaks of exactly these files.

    Args:
        statement: What was signed.
        manifest: What is there.
        tolerated: Names of files, and with a slash at the end of directories, that may be there
            without being named.

    Raises:
        TrustError: ``subject-mismatch`` where a file is another one or has no subject, or where
            the manifest's digest does not bind these names.
    """
    named = {subject.name: subject.sha256 for subject in statement.subjects}
    bound = named.pop(MANIFEST_SUBJECT, "")
    files = manifest.by_name()
    for name, digest in named.items():
        if name not in files:
            raise _mismatch(f"speaks of {name!r}, which is not there")
        if files[name].sha256 != digest:
            raise _mismatch(f"speaks of another {name!r}")
    for name in files.keys() - named.keys():
        if not tolerates(tolerated, name):
            raise _mismatch(f"does not speak of {name!r}, which is there")
    covered = tuple(one for one in manifest.files if one.name in named)
    if bound != Manifest(covered, (), manifest.single).digest:
        raise _mismatch("does not bind the names of its files")


def tolerates(tolerated: Sequence[str], name: str) -> bool:
    """Return whether a file may be there unsigned; a model file or code never may."""
    return listed(tolerated, name) and not is_model_file(name)


def _mismatch(text: str) -> TrustError:
    hint = "it was made for another model or another state of this one: attest this one"
    return TrustError("subject-mismatch", f"the attestation {text}", hint)
