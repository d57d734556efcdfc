"""Score the scanner over the whole corpus, in short.

    PYTHONPATH=src python -m tests.corpus.score [--family WORD] [--benign] [--hostile] [--all]

Prints every hostile case that is missed, every benign file that raises an alarm, and one line a
family. The files are made once and kept in the temporary folder, under a name that changes with
the corpus's sources.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from sentinel import scan_bytes
from tests.corpus import benign, store
from tests.corpus.judge import alarm, missed

_HERE = Path(__file__).parent
_SLOW = 2.0
_STALE = 3600.0


def folder(part: str) -> Path:
    """Return where files of this state of a part of the corpus are kept."""
    digest = hashlib.sha256()
    sources = [*(_HERE / part).rglob("*.py"), *(_HERE.parent / "kit").rglob("*.py")]
    for source in sorted([*sources, _HERE / "store.py"]):
        digest.update(source.read_bytes())
    stem = f"sentinel-corpus-{part}-"
    place = Path(tempfile.gettempdir()) / f"{stem}{digest.hexdigest()[:12]}"
    for old in place.parent.glob(f"{stem}*"):
        if old != place and old.stat().st_mtime < time.time() - _STALE:
            shutil.rmtree(old, ignore_errors=True)
    return place


class Score:
    """Counts and complaints."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.total: Counter[str] = Counter()
        self.wrong: dict[str, list[str]] = defaultdict(list)

    def add(self, family: str, name: str, complaint: str) -> None:
        self.total[family] += 1
        if complaint:
            self.wrong[family].append(f"{name}: {complaint}"[:180])

    def show(self, title: str) -> None:
        for family, lines in self.wrong.items():
            for line in lines[: self.limit]:
                print(f"{title} {line.encode('ascii', 'backslashreplace').decode()}")
            if len(lines) > self.limit:
                print(f"{title} {family}: and {len(lines) - self.limit} more")
        rows = [f"{name} {n - len(self.wrong[name])}/{n}" for name, n in self.total.items()]
        done = sum(self.total.values())
        failed = sum(map(len, self.wrong.values()))
        print(f"-- {title.lower()}: {done - failed}/{done} as they should be; {', '.join(rows)}")


def hostile(family: str, limit: int) -> int:
    """Score the hostile cases and their twins; return how many answers are wrong."""
    misses, alarms = Score(limit), Score(limit)
    for case in store.hostile(folder("malicious")):
        if family not in case.id:
            continue
        started = time.perf_counter()
        report = scan_bytes(case.data, case.filename)
        if time.perf_counter() - started > _SLOW:
            print(f"SLOW {case.id}: {time.perf_counter() - started:.1f} s")
        misses.add(case.family, case.id, missed(case, report))
        if case.twin is not None:
            alarms.add(case.family, case.id, alarm(scan_bytes(case.twin, case.filename)))
    misses.show("MISS")
    alarms.show("TWIN")
    return sum(map(len, (*misses.wrong.values(), *alarms.wrong.values())))


def ordinary(family: str, limit: int) -> int:
    """Score the benign files; return how many alarms there are."""
    alarms, place = Score(limit), folder("benign")
    for group, missing in benign.build(place).items():
        if missing:
            print(f"SKIP {group}: {missing}")
        for path in benign.files(place, group):
            name = path.relative_to(place).as_posix()
            if family in name:
                report = scan_bytes(path.read_bytes(), path.name)
                alarms.add(group, name, alarm(report))
    alarms.show("ALARM")
    return sum(map(len, alarms.wrong.values()))


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", default="", help="only names that contain this")
    parser.add_argument("--hostile", action="store_true", help="only the hostile cases")
    parser.add_argument("--benign", action="store_true", help="only the benign files")
    parser.add_argument("--all", action="store_true", help="print every line, not ten a family")
    options = parser.parse_args()
    limit = sys.maxsize if options.all else 10
    wrong = 0
    if not options.benign:
        wrong += hostile(options.family, limit)
    if not options.hostile:
        wrong += ordinary(options.family, limit)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
