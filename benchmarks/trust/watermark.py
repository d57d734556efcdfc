"""How fast models are marked and verified, per core: CPU seconds, files in the page cache.

    python -m benchmarks.trust.watermark [--mib N] [--rounds N]

Peak memory is that of the process less what it held before the first model.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

MIB = 2**20
EMBED_TARGET, DETECT_TARGET = 50.0, 250.0
_Result = TypeVar("_Result")
_DTYPES = ("float32", "bfloat16", "float16")


class Line(NamedTuple):
    """One line of the table."""

    dtype: str
    mib: float
    embed: float
    detect: float
    memory: float


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=256, help="size of each model")
    parser.add_argument("--rounds", type=int, default=3, help="the fastest counts")
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    print(f"{'weights':<10}{'MiB':>6}{'embed MB/s':>12}{'detect MB/s':>13}{'memory MiB':>12}")
    with tempfile.TemporaryDirectory() as folder:
        for dtype in _DTYPES:
            line = measure(dtype, options.mib, options.rounds, Path(folder))
            print(
                f"{line.dtype:<10}{line.mib:>6.0f}{line.embed:>12.0f}{line.detect:>13.0f}"
                f"{line.memory:>12.0f}"
            )
    print(f"targets: embed {EMBED_TARGET:g}, detect {DETECT_TARGET:g}, one tensor and 64 MiB")


def measure(dtype: str, mib: int, rounds: int, folder: Path) -> Line:
    """Mark and verify a model of one type; the rates are those of the fastest round."""
    from sentinel.trust import embed_watermark_file, verify_watermark_file
    from sentinel.trust.watermark.keys import HeldKey
    from sentinel.trust.watermark.secret import Secret
    from sentinel.trust.watermark.verify import Request

    path, out = folder / f"{dtype}.safetensors", folder / "out.safetensors"
    make(path, dtype, mib)
    key = HeldKey(Secret(bytes(range(32))))
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    embeds, detects = [], []
    for _ in range(rounds):
        out.unlink(missing_ok=True)
        seconds, mark = timed(partial(embed_watermark_file, path, out, key, identity=1))
        embeds.append(seconds)
        request = Request(record=mark.record)
        seconds, found = timed(partial(verify_watermark_file, out, key, request))
        detects.append(seconds)
        assert found.verdict == "marked"
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held) / 1024
    size = path.stat().st_size
    path.unlink()
    return Line(dtype, size / MIB, size / 1e6 / min(embeds), size / 1e6 / min(detects), memory)


def make(path: Path, dtype: str, mib: int) -> None:
    """Write a model of tensors of 16 Mi elements at most, a stripe at a time."""
    import json

    import numpy as np

    width = 4 if dtype == "float32" else 2
    code = {"float32": "F32", "bfloat16": "BF16", "float16": "F16"}[dtype]
    each = 2048 * 4096
    count = max(1, mib * MIB // (each * width))
    header = {
        f"layers.{n}.weight": {
            "dtype": code,
            "shape": [2048, 4096],
            "data_offsets": [n * each * width, (n + 1) * each * width],
        }
        for n in range(count)
    }
    text = json.dumps(header).encode()
    random = np.random.default_rng(0)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _ in range(count * 8):
            stripe = random.standard_normal(each // 8, np.float32) * np.float32(0.02)
            if dtype == "bfloat16":
                file.write((stripe.view(np.uint32) >> 16).astype(np.uint16).tobytes())
            else:
                file.write(stripe.astype(dtype).tobytes())


def timed(call: Callable[[], _Result]) -> tuple[float, _Result]:
    """Return the CPU seconds of a call, and its result."""
    started = time.process_time()
    result = call()
    return time.process_time() - started, result


if __name__ == "__main__":
    main()
