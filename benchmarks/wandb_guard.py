"""What the guard of Weights & Biases costs: artifacts logged with and without it, in turns.

``python -m benchmarks.wandb_guard`` logs a pickle of 1 MB and a torch checkpoint of 500 MB to a
server on this machine, guarded and not, and prints the medians beside the bare scan. It needs wandb
and torch.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MB = 1_000_000
_REPEATS = {"1 MB pickle": 7, "500 MB torch": 3}


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
        print("artifact       unguarded   guarded  overhead  bare scan")
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
    before, after = statistics.median(times[False]), statistics.median(times[True])
    scan = _timed(lambda: Scanner().scan_path(path))
    extra = (after - before) / before * 100
    return f"{name:<14}{before:>8.3f} s{after:>8.3f} s{extra:>8.1f} %{scan:>9.3f} s"


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
