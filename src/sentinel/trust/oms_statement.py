"""The statement of OpenSSF Model Signing: written over a manifest, and read back with suspicion."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import NamedTuple

from ..errors import TrustError
from .checked import Ask
from .manifest import Manifest, check_name
from .statement import Statement, Subject

PREDICATE = "https://model_signing/signature/v1.0"
"""Predicate type of the signature over a model."""
_MOST_IGNORED = 100


class Signed(NamedTuple):
    """What a statement says.

    Attributes:
        name: What the signer called the model.
        files: SHA-256 by name.
        ignored: Paths that the signer left out.
    """

    name: str
    files: dict[str, str]
    ignored: tuple[str, ...]


def statement_over(top: str, found: Manifest, ignored: tuple[str, ...]) -> Statement:
    """Return the statement over a model.

    Args:
        top: The model's path, which it is named by.
        found: Its files.
        ignored: Paths that were left out.
    """
    root = hashlib.sha256(b"".join(bytes.fromhex(one.sha256) for one in found.files))
    serialization: dict[str, object] = {
        "method": "files",
        "hash_type": "sha256",
        "allow_symlinks": False,
    }
    if ignored:
        serialization["ignore_paths"] = list(ignored)
    resources = [
        {"name": one.name, "algorithm": "sha256", "digest": one.sha256} for one in found.files
    ]
    name = os.path.basename(os.path.abspath(top)) or "model"
    predicate = {"serialization": serialization, "resources": resources}
    return Statement((Subject(name, root.hexdigest()),), PREDICATE, predicate)


def parse_statement(said: Statement, what: str) -> Signed:
    """Return what a statement says of a model's files.

    Args:
        said: The statement; its signature holds.
        what: Where it is from, for error messages.

    Raises:
        TrustError: It is not as the specification demands, or uses more of it than is read here.
    """
    ask = Ask("signature-format", what)
    if len(said.subjects) != 1:
        raise ask.refuse("there must be one subject, the model")
    serialization = ask.mapping(said.predicate.get("serialization"), "serialization")
    for name, wanted in (("method", "files"), ("hash_type", "sha256")):
        if serialization.get(name) != wanted:
            raise ask.refuse(f"{name} is {str(serialization.get(name))[:40]!r}, not {wanted!r}")
    if not isinstance(serialization.get("allow_symlinks", False), bool):
        raise ask.refuse("allow_symlinks must be true or false")
    listed = ask.sequence(said.predicate.get("resources"), "resources")
    if not listed:
        raise ask.refuse("no file was signed")
    files = [_resource(item, ask) for item in listed]
    _check_files(files, said.subjects[0], ask)
    ignored = ask.sequence(serialization.get("ignore_paths", []), "ignore_paths")
    if len(ignored) > _MOST_IGNORED:
        raise ask.refuse("too many ignore_paths")
    paths = (ask.text(one, "an ignored path", most=4096) for one in ignored)
    return Signed(said.subjects[0].name, dict(files), tuple(one.rstrip("/") for one in paths))


def _resource(value: object, ask: Ask) -> tuple[str, str]:
    fields: Mapping[str, object] = ask.mapping(value, "a resource")
    name = ask.text(fields.get("name"), "name of a resource", most=4096)
    if name != "." and not check_name(name):
        raise TrustError("name-invalid", f"{ask.what}: {name[:120]!r} is no file of a model")
    if fields.get("algorithm") != "sha256":
        raise ask.refuse(f"{name[:120]!r} is not signed by a sha256")
    return name, ask.digest(fields.get("digest"), f"digest of {name[:120]!r}")


def _check_files(files: list[tuple[str, str]], subject: Subject, ask: Ask) -> None:
    names = [name for name, _ in files]
    if len(set(names)) != len(names):
        raise ask.refuse("a file is there twice")
    # The reference implementation sorts by the parts of a path, others by its characters.
    if names not in (sorted(names), sorted(names, key=lambda name: name.split("/"))):
        raise ask.refuse("the resources are not sorted")
    root = hashlib.sha256(b"".join(bytes.fromhex(digest) for _, digest in files))
    if root.hexdigest() != subject.sha256:
        raise ask.refuse("the subject's digest is not that of the resources")
