"""Scripts of commands: their lines, joined where one goes on in the next, without the comments.

Dockerfiles, Makefiles and the tasks that editors keep in JSON are read by their lines too.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded
from ..limits import MIB, Budget
from . import BY_NAME, Parsed
from .surroundings import beside_model

_MOST = 4 * MIB
_MOST_LINES = 50_000
_TELLING = re.compile(rb"/dev/tcp/|/dev/udp/|\bmkfifo\b|\bncat?\b[^\n]{0,100} -e")
_IMAGE = re.compile(r"(?i)\A(?:docker|container)file(?:\.|\Z)|\.dockerfile\Z")
_CONTINUED = re.compile(r"\\\n[ \t]*|(?<=[|&])[ \t]*\n[ \t]*")


class ScriptLine(NamedTuple):
    """One command line: its number, from 1, and its text."""

    line: int
    text: str


class ShellScript(NamedTuple):
    """The command lines of a script that may do something elsewhere.

    Attributes:
        lines: They.
        image: True where they build the image of a container, which has no login to come back to.
    """

    lines: tuple[ScriptLine, ...] = ()
    image: bool = False


def looks_like_script(artifact: Artifact, head: bytes) -> bool:
    """Return True for a script that the user named, that stands beside a model, or that tells.

    A first line that names a shell makes a script of a file without an ending only.
    """
    leaf = artifact.leaf.lower()
    names = BY_NAME["shell-script"].asks
    known = leaf.endswith(names) or leaf.partition(".")[0] in names
    if b"\x00" in head or not (known or "." not in leaf):
        return False
    return beside_model(artifact) or bool(_TELLING.search(head))


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a script.

    Returns:
        A ``ShellScript``.

    Raises:
        LimitExceeded: It is longer than 4 MiB or has more than 50,000 lines.
    """
    if artifact.reader.size > _MOST:
        raise LimitExceeded(f"a script of more than {_MOST} bytes is not read")
    budget.check_time()
    text = artifact.reader.pread(0, _MOST).decode("utf-8", "replace").replace("\r\n", "\n")
    if text.count("\n") > _MOST_LINES:
        raise LimitExceeded(f"a script of more than {_MOST_LINES} lines")
    found: list[ScriptLine] = []
    number = 1
    for line in _logical(text):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            found.append(ScriptLine(number, _CONTINUED.sub(" ", stripped)))
        number += line.count("\n") + 1
    return Parsed(ShellScript(tuple(found), bool(_IMAGE.search(artifact.leaf))))


def _logical(text: str) -> list[str]:
    """Split a script into lines, each with those that it goes on in."""
    lines: list[str] = []
    goes_on = False
    for line in text.split("\n"):
        if goes_on and len(lines[-1]) < 20_000:
            lines[-1] += f"\n{line}"
        else:
            lines.append(line)
        comment = line.lstrip().startswith("#")
        goes_on = not comment and line.rstrip().endswith(("\\", "|", "&&"))
    return lines
