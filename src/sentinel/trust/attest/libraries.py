"""What a model needs to run, out of its list of requirements, for the bill of materials."""

from __future__ import annotations

import os
from typing import cast

from ...artifacts import Artifact
from ...errors import TrustError
from ...formats.requirements import parse
from ...formats.requirements.model import Dependencies, Requirement
from ...limits import Budget
from ...readers import open_file
from .mlbom import Library

_SHA256 = "sha256:"


def libraries_of(path: str | os.PathLike[str]) -> tuple[tuple[Library, ...], int]:
    """Return the packages that a list of requirements asks for.

    Args:
        path: A requirements file, a conda environment, or a project's file.

    Returns:
        The packages, and how many entries name none of an index (an address, a path).

    Raises:
        ReadError: It cannot be read.
        ParseError: It is not such a list.
        TrustError: A part of it could not be read, so the list would not be whole.
    """
    with open_file(path) as reader:
        parsed = parse(Artifact(os.fsdecode(path), reader, asked=True), Budget())
    model = cast("Dependencies", parsed.model)
    for gap in parsed.gaps:
        raise TrustError("unreadable", f"{os.fsdecode(path)}: {gap.detail}", gap.hint)
    named = [one for one in model.requirements if one.name and one.source is None]
    return tuple(_library(one) for one in named), len(model.requirements) - len(named)


def _library(one: Requirement) -> Library:
    hashes = [text.removeprefix(_SHA256) for text in one.hashes if text.startswith(_SHA256)]
    specifier = ",".join(f"{clause.operator}{clause.version}" for clause in one.clauses)
    return Library(
        one.name,
        one.pin,
        "" if one.pin else specifier,
        hashes[0] if len(one.hashes) == 1 and hashes and _is_digest(hashes[0]) else "",
    )


def _is_digest(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")
