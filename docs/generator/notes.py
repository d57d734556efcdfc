"""What the page of formats says of each format, beside the table of formats itself.

The texts are in ``formats/*.toml`` beside this module, one file a family of formats, one table a
format with three keys: ``judged`` (what rules look at), ``bytes`` (what must be read for a sound
verdict) and ``unseen`` (what is not looked at, so that a clean verdict says nothing about it).
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent / "formats"


class Note(NamedTuple):
    """What the page says of one format.

    Attributes:
        judged: What rules look at.
        bytes: What must be read for a sound verdict.
        unseen: What is not looked at.
    """

    judged: str
    bytes: str
    unseen: str


@cache
def notes() -> dict[str, Note]:
    """Return the note of every format that has one, by the format's name.

    Raises:
        ValueError: Two files describe one format.
    """
    found: dict[str, Note] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for name, keys in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if name in found:
                raise ValueError(f"{path.name} describes {name}, which another file does already")
            found[name] = Note(**{key: " ".join(text.split()) for key, text in keys.items()})
    return found
