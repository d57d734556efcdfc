"""Fuzzes the tar reader: ``python -m tests.fuzz.fuzz_tar --runs 200000 --seed 1``."""

from __future__ import annotations

import io
import random
import sys
import tarfile

from tests.formats.archive.kit import PICKLE, tar_header, tar_member
from tests.fuzz.archive_fuzz import loop

MARKS = (b"ustar", b"0000", b"path=", b" size=", bytes(512), tar_member(b"x", PICKLE))


def seeds() -> list[bytes]:
    """Return real archives in each of tarfile's formats, and a few that already lie."""
    made = [
        _tarfile(kind) for kind in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
    ]
    made += [
        made[0] + made[1],
        tar_member(b"../x", PICKLE) + tar_header(b"l", 0, b"2", link=b"/etc/passwd") + bytes(1024),
        tar_member(b"old", PICKLE, magic=b"") + bytes(1024),
        tar_header(b"s", 10, b"S") + tar_header(b"huge", b"\x80" + b"\0" * 5 + b"\xff" * 6),
        tar_member(b"p", b"21 size=99999999999\n", flag=b"x") + tar_member(b"q", PICKLE),
    ]
    return made


def _tarfile(kind: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for name in ("data.pkl", "a/" * 45 + "long.pkl", "plain"):
            info = tarfile.TarInfo(name)
            info.size = len(PICKLE)
            archive.addfile(info, io.BytesIO(PICKLE))
        for flag in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"other{flag.decode()}")
            info.type, info.linkname = flag, "data.pkl"
            archive.addfile(info)
    return out.getvalue()


def mend(data: bytes, chance: random.Random) -> bytes:
    """Return an archive whose checksums are right again, so that a change is looked at."""
    if chance.random() < 0.3:
        return data
    out = bytearray(data)
    for at in range(0, len(out) - 511, 512):
        if out[at + 257 : at + 262] == b"ustar":
            out[at + 148 : at + 156] = b" " * 8
            out[at + 148 : at + 156] = b"%06o\0 " % sum(out[at : at + 512])
    return bytes(out)


if __name__ == "__main__":
    sys.exit(loop("tar", seeds(), MARKS, mend))
