"""The detector over what is installed: a fixed slice of all files, and what in it is right.

``TRUE`` lists findings that were looked at by hand and are what they say: examples of numbers in
libraries about numbers, keys of tests, contacts in licences. Whatever else is found counts as
wrong; ``installed_wrong.txt`` has the wrong ones of the whole tree (562 MB, November 2026: 0.03 a
megabyte). E-mail addresses are left out: the metadata of packages is full of real ones.
"""

from __future__ import annotations

import sysconfig
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sentinel.pii import PiiScanner

SLICES = 48
TRUE = Path(__file__).with_name("installed_true.txt")
_MOST = 20_000_000


class Outcome(NamedTuple):
    """What a slice gave.

    Attributes:
        megabytes: Bytes read as text or table, in millions.
        files: Files read.
        wrong: Findings that are not on the list, as ``type path``.
    """

    megabytes: float
    files: int
    wrong: list[str]


def files(root: Path, slices: int = SLICES) -> Iterator[Path]:
    """Yield the files of the slice: those whose name below ``root`` has the right checksum."""
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if zlib.crc32(name.encode()) % slices == 0 and path.is_file():
            yield path


def measure(root: Path | None = None, slices: int = SLICES) -> Outcome:
    """Scan the slice of the packages that are installed here."""
    root = root or Path(sysconfig.get_paths()["purelib"])
    true = set(TRUE.read_text(encoding="utf-8").splitlines())
    scanner = PiiScanner()
    size, count, wrong = 0, 0, []
    for path in files(root, slices):
        if path.stat().st_size > _MOST:
            continue
        scan = scanner.scan_path(path)
        if any(gap.reason == "unrecognised" for gap in scan.gaps):
            continue
        size += scan.bytes_total
        count += 1
        name = path.relative_to(root).as_posix()
        kinds = {one.info_type for one in scan.detections} - {"EMAIL"}
        wrong += [f"{kind} {name}" for kind in sorted(kinds) if f"{kind} {name}" not in true]
    return Outcome(size / 1e6, count, wrong)


if __name__ == "__main__":
    outcome = measure()
    print(
        f"{outcome.files} files, {outcome.megabytes:.1f} MB, {len(outcome.wrong)} not on the list"
    )
    print("\n".join(outcome.wrong))
