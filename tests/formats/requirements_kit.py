"""How the tests of lists of packages read one."""

from __future__ import annotations

from pathlib import Path

from sentinel.artifacts import Artifact
from sentinel.findings import Gap
from sentinel.formats.requirements import parse
from sentinel.formats.requirements.model import Dependencies, Requirement
from sentinel.limits import Budget
from sentinel.readers import MemoryReader, open_file
from tests.fuzz import fuzz_requirements

SECRET = fuzz_requirements.SECRET
COMMIT = "1234567890abcdef1234567890abcdef12345678"


def read(text: str | bytes, name: str = "requirements.txt") -> tuple[Dependencies, list[Gap]]:
    data = text.encode() if isinstance(text, str) else text
    parsed = parse(Artifact(name, MemoryReader(data), asked=True), Budget())
    assert isinstance(parsed.model, Dependencies)
    return parsed.model, list(parsed.gaps)


def only(text: str, name: str = "requirements.txt") -> Requirement:
    found, gaps = read(text, name)
    assert not gaps
    (one,) = found.requirements
    return one


def read_file(path: Path, *, asked: bool = True) -> tuple[Dependencies, list[Gap]]:
    with open_file(path) as reader:
        parsed = parse(Artifact(str(path), reader, asked=asked), Budget())
    assert isinstance(parsed.model, Dependencies)
    return parsed.model, list(parsed.gaps)
