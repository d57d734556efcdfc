"""What the guard of Weights & Biases costs: artifacts logged with and without it, in turns.

``python -m benchmarks.wandb_guard`` logs a pickle of 1 MB and a torch checkpoint of 500 MB to a
server on this machine, guarded and not, and prints the shortest time of each, since others use the
machine too. Beside it stand the medians, the bare scan, and what SHA-256 and MD5 take one by one:
wandb computes an MD5 without the guard as well. It needs wandb and torch.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MB = 1_000_000
_REPEATS = {"1 MB pickle": 9, "500 MB torch": 9}


def main() -> None:
    """Measure and print a table."""
    from tests.kit.wandb_server import serving

    with tempfile.TemporaryDirectory() as folder, serving() as server:
        os.chdir(folder)
        os.environ |= {
            "WANDB_API_KEY": "a" * 40,
            "WANDB_BASE_URL": server.url,
            "WANDB_CACHE_DIR": f"{folder}/cache",
            "WANDB_CONFIG_DIR": f"{folder}/config",
            "WANDB_DATA_DIR": f"{folder}/data",
            "WANDB_ENTITY": "tester",
            "WANDB_ERROR_REPORTING": "false",
            "WANDB_SILENT": "true",
        }
        print(f"{'':<14}{'shortest':^31}{'medians':^31}")
        print(
            f"{'artifact':<14}{'unguarded':>11}{'guarded':>10}{'more':>9}"
            f"{'unguarded':>12}{'guarded':>10}{'more':>9}{'scan':>9}{'SHA-256':>10}{'MD5':>9}"
        )
        for name, path in files().items():
            print(_line(name, path, server))


def files() -> dict[str, Path]:
    """Make the files and return them by name."""
    import pickle

    import torch

    small, large = Path("small.pkl"), Path("large.pt")
    small.write_bytes(pickle.dumps({"weights": [float(n) for n in range(110_000)]}))
    state = {f"layer{n}": torch.rand(12_500_000) for n in range(10)}
    torch.save(state, large)
    return {"1 MB pickle": small, "500 MB torch": large}


def _line(name: str, path: Path, server: Any) -> str:
    from sentinel import Scanner

    times: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(_REPEATS[name]):
        for guarded in (False, True) if turn % 2 else (True, False):
            times[guarded].append(_log(path, guarded=guarded))
            server.files.clear()
    scan = _timed(lambda: Scanner().scan_path(path))
    sha256, md5 = (_shortest_digest(path, name) for name in ("sha256", "md5"))
    return (
        f"{name:<14}{_compared(min(times[False]), min(times[True]))}"
        f" {_compared(statistics.median(times[False]), statistics.median(times[True]))}"
        f"{scan:>7.3f} s{sha256:>8.3f} s{md5:>7.3f} s"
    )


def _compared(before: float, after: float) -> str:
    return f"{before:>9.3f} s{after:>8.3f} s{(after - before) / before * 100:>7.1f} %"


def _shortest_digest(path: Path, name: str) -> float:
    def digest() -> None:
        with path.open("rb") as file:
            hashlib.file_digest(file, name)

    return min(_timed(digest) for _ in range(5))


def _log(path: Path, *, guarded: bool) -> float:
    import wandb

    import sentinel.integrations.wandb  # noqa: F401

    options = {"console": "off", "disable_git": True, "x_disable_meta": True}
    run = wandb.init(project="bench", settings=wandb.Settings(**options), sentinel_guard=guarded)  # type: ignore[call-arg,unused-ignore]
    artifact = wandb.Artifact(f"{path.stem}-{time.monotonic_ns()}", "model")

    def act() -> None:
        artifact.add_file(str(path), skip_cache=True)
        run.log_artifact(artifact).wait()

    taken = _timed(act)
    run.finish()
    return taken


def _timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    main()
