"""What scenes have in common: hostile files, which are never loaded, and what is written down."""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


class _Call:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (self.command,)


def mark(name: str) -> str:
    """Return a word that is in the hostile file of this name and nowhere else."""
    return f"MARK-{name.replace('_', '-')}-KRAM"


def hostile(name: str, protocol: int = 4) -> bytes:
    """Return a pickle that would call ``os.system`` if it were loaded, which nothing here does."""
    return pickle.dumps(_Call(f"true {mark(name)}"), protocol=protocol)


def hostile_file(name: str, suffix: str = ".pkl") -> str:
    """Write a hostile file and return its path."""
    path = Path("mine") / f"{name}{suffix}"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(hostile(name))
    return str(path)


def harmless_file(name: str, text: str = "") -> str:
    """Write a harmless pickle and return its path."""
    path = Path("mine") / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(pickle.dumps([1, 2, text]))
    return str(path)


def picture() -> bytes:
    """Return a picture of one pixel."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(4)))
    return b"\x89PNG\r\n\x1a\n" + head + pixels + chunk(b"IEND", b"")


def polyglot(name: str) -> bytes:
    """Return a picture that is an archive with a hostile file too."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as into:
        into.writestr("data.pkl", hostile(name))
    return picture() + archive.getvalue()


def settings(**more: Any) -> Any:
    """Return settings that keep wandb from looking at the machine."""
    import wandb

    return wandb.Settings(
        disable_git=True, console="off", x_disable_meta=True, x_disable_stats=True, **more
    )


class Notes:
    """What a scene writes down, by name; kept at once, so that a crash loses nothing."""

    def __init__(self) -> None:
        self.path = Path(sys.argv[1])
        self.said: dict[str, Any] = {}

    def say(self, name: str, what: Any) -> None:
        """Write something down."""
        self.said[name] = what
        self.path.write_text(json.dumps(self.said))

    def attempt(self, name: str, action: Callable[[], Any]) -> Any:
        """Do something, and write down what it raised."""
        try:
            result = action()
        except Exception as error:
            rule = getattr(error, "rule", "")
            artifact = getattr(error, "artifact", "")
            said = [type(error).__name__, rule, artifact, str(error)[:1_000]]
            self.say(name, said)
            return None
        self.say(name, ["", "", "", ""])
        return result
