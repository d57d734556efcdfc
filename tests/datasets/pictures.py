"""Small real pictures and sounds, and a zip archive to hang behind them."""

from __future__ import annotations

import io
import wave
import zipfile
from functools import cache

from PIL import Image

KINDS = ("png", "jpeg", "gif", "webp", "bmp", "wav")
ELF = b"\x7fELF\2\1\1" + b"\0" * 9 + b"\2\0\x3e\0\1\0\0\0" + b"\0" * 40
"""The header of a program, and nothing behind it."""


@cache
def picture(kind: str) -> bytes:
    """Return a real file of a kind, as a library writes it."""
    out = io.BytesIO()
    if kind == "wav":
        with wave.open(out, "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(range(200)))
    else:
        image = Image.new("RGB", (40, 30))
        image.putdata([(x * 5 % 256, x % 251, x % 7) for x in range(1200)])
        image.save(out, kind)
    return out.getvalue()


@cache
def zipped(name: str = "a.txt", data: bytes = b"hello") -> bytes:
    """Return a zip archive of one member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return out.getvalue()


def moving() -> bytes:
    """Return a GIF of several pictures with a comment."""
    out = io.BytesIO()
    frames = [Image.new("P", (9, 9), number) for number in range(4)]
    frames[0].save(out, "gif", save_all=True, append_images=frames[1:], comment=b"made here")
    return out.getvalue()
