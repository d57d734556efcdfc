"""Measure what known vulnerabilities cost: importing a dump, and asking of one version.

    python -m benchmarks.trust.vulndb [--records N]

The dump is made here, in OSV's schema: advisories with ranges and lists of versions, some packages
with hundreds of them. CPU time of this process; lookups are of a database that is open, each of
another package than the one before.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from sentinel.trust.vulndb.answers import answer
from sentinel.trust.vulndb.importing import import_dump
from sentinel.trust.vulndb.store import open_database

IMPORT_BOUND = 10.0
"""Most seconds that the import may take."""
LOOKUP_BOUND = 1.0
"""Most milliseconds that one lookup may take on average."""
_PACKAGES = 660
_LOOKUPS = 2_000


def main() -> int:
    """Run the benchmark and return 1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=2_661, metavar="N", help="in the dump")
    options = parser.parse_args()
    draw = random.Random(29)
    with tempfile.TemporaryDirectory() as name:
        dump, file = Path(name) / "all.zip", Path(name) / "advisories.db"
        _write(dump, options.records, draw)
        started = time.process_time()
        info = import_dump(dump, file)
        seconds = time.process_time() - started
        print(f"import: {seconds:.2f} s, {info.records} records, {info.packages} packages")
        print(f"size: {dump.stat().st_size / 1e6:.2f} MB dump, {file.stat().st_size / 1e6:.2f} MB")
        started = time.process_time()
        database = open_database(file)
        assert database is not None
        print(f"open: {(time.process_time() - started) * 1e3:.2f} ms")
        times = []
        for _ in range(_LOOKUPS):
            package, version = f"package-{draw.randrange(_PACKAGES)}", f"1.{draw.randrange(60)}.0"
            started = time.process_time()
            answer(database, package, version)
            times.append((time.process_time() - started) * 1e3)
    mean, worst = sum(times) / len(times), max(times)
    print(f"lookup: {mean:.3f} ms on average, {sorted(times)[len(times) // 2]:.3f} ms median, "
          f"{worst:.2f} ms at most")  # fmt: skip
    return 1 if seconds > IMPORT_BOUND or mean > LOOKUP_BOUND else 0


def _write(path: Path, records: int, draw: random.Random) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(records):
            name = f"PYSEC-2026-{number}"
            archive.writestr(f"{name}.json", json.dumps(_record(name, draw)))


def _record(name: str, draw: random.Random) -> dict[str, object]:
    # One in twenty is about the same package, as TensorFlow's were.
    package = 0 if draw.random() < 0.05 else draw.randrange(_PACKAGES)
    fixed = draw.randrange(1, 60)
    return {
        "id": name,
        "modified": "2026-11-20T08:00:00Z",
        "aliases": [f"CVE-2026-{name[11:]}"],
        "summary": "A weakness",
        "details": "".join(draw.choice("abcdefgh ") for _ in range(1500)),
        "affected": [
            {
                "package": {"name": f"package-{package}", "ecosystem": "PyPI"},
                "ranges": [
                    {
                        "type": "ECOSYSTEM",
                        "events": [{"introduced": "0"}, {"fixed": f"1.{fixed}.0"}],
                    }
                ],
                "versions": [f"1.{minor}.0" for minor in range(fixed)],
            }
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
