"""Measure our detector of personal data beside others and print the tables.

    python -m benchmarks.pii [--quick] [--peers NAME ...] [--seed N] [--count N]

Each detector runs as a command in an environment of its own. CPU is that of the whole command,
start-up included. Slow ones are given a sample of the files; the tables say which part. Detectors
that tell a line alone are given the value on it that suits them best, which favours them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.pii.measure.matching import Result, judge

from .. import peers as environments
from ..measure import Cost, run
from .data import Folders, packages, part, prepare
from .peers import OURS, PEERS, Peer
from .report import Outcome, show

CACHE = Path(__file__).resolve().parent.parent / ".cache"
MB = 1_000_000


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pii", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the files")
    names = [peer.tool.name for peer in PEERS]
    parser.add_argument("--peers", nargs="*", metavar="NAME", choices=names, default=names)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--count", type=int, default=500, help="made documents")
    parser.add_argument("--clean", type=float, default=1.0, help="MB of each class of clean files")
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds for one run")
    return parser.parse_args()


def _run(peer: Peer, folder: Path, scratch: Path, timeout: float) -> tuple[Cost, Path]:
    output = scratch / "findings.json"
    output.unlink(missing_ok=True)
    command = peer.command(CACHE / "environments", folder, output)
    return run(command, scratch, dict(peer.tool.environment), timeout), output


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measure(peer: Peer, folders: Folders, timeout: float) -> Outcome:
    """Return what a detector costs and finds."""
    result, false = Result(), {}
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        commit, _ = _run(peer, folders.home / "commit", scratch, timeout)
        made = part(folders.home / "made", peer.share, folders.home / f"made{peer.share}")
        made_cost, output = _run(peer, made, scratch, timeout)
        found = {} if made_cost.killed else peer.read(output, made)
        for path, document in folders.made.items():
            if (made / path).exists():
                judge(document, found.get(path, ()), result)
        clean = part(folders.home / "clean", peer.share, folders.home / f"clean{peer.share}")
        clean_cost, output = _run(peer, clean, scratch, timeout)
        false = {} if clean_cost.killed else peer.read(output, clean)
    kinds = [finding.type for findings in false.values() for finding in findings]
    return Outcome(
        peer.tool.name, peer.personal, peer.share, commit, made_cost, clean_cost,
        _size(made), _size(clean), result, kinds,
    )  # fmt: skip


def main() -> int:
    """Measure, print, and return 0 whatever the figures say."""
    options = arguments()
    chosen = [OURS, *(peer for peer in PEERS if peer.tool.name in options.peers)]
    for peer in chosen:
        environments.install(peer.tool, CACHE / "environments")
    scale = 5 if options.quick else 1
    outcomes = []
    with tempfile.TemporaryDirectory() as name:
        root = packages(CACHE / "clean")
        cap = int(options.clean * MB / scale)
        folders = prepare(Path(name), options.seed, options.count // scale, cap, root)
        for peer in chosen:
            print(f"measuring {peer.tool.name}", file=sys.stderr)
            outcomes.append(measure(peer, folders, options.timeout))
    text = show(outcomes)
    (CACHE / "pii.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
