"""Signing and verifying, by SENTINEL and by the reference implementation of Model Signing."""

from __future__ import annotations

import random
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import sentinel

from ..measure import Cost, median, run

OURS, THEIRS = "sentinel", "model-signing"
_TIMEOUT = 600.0
_SMALL = {"MLmodel": 400, "model.pkl": 20_000, "requirements.txt": 80, "conda.yaml": 200}
_WITHIN = """\
import time
from sentinel.trust import oms
from sentinel.trust.keys import load_public_key, load_signer
signer, key = load_signer({private!r}), load_public_key({public!r})
times = []
for _ in range(20):
    started = time.process_time()
    oms.sign({model!r}, signer)
    oms.verify({model!r}, key)
    times.append(time.process_time() - started)
print(sorted(times)[10])
"""
_IMPORT = """\
import time
started = time.process_time()
from sentinel.trust import oms
from sentinel.trust.keys import load_signer
load_signer({private!r}).sign(b"x")
print(time.process_time() - started)
"""


class Row(NamedTuple):
    """One line of the table.

    Attributes:
        what: What was done.
        tool: Who did it.
        cpu: Seconds of the processor.
        wall: Seconds of the clock.
        resident: Peak memory in bytes.
        size: Bytes of the model; 0 where they do not matter.
        bound: Most seconds of the processor that we allow ourselves; 0 for none.
    """

    what: str
    tool: str
    cpu: float
    wall: float
    resident: int
    size: int = 0
    bound: float = 0.0

    @property
    def missed(self) -> bool:
        """Whether it took longer than it may."""
        return bool(self.bound) and self.cpu > self.bound


def measure(folder: Path, size: int, repeat: int) -> list[Row]:
    """Return the lines of the table.

    Args:
        folder: An empty directory for keys and models.
        size: Bytes of the large model.
        repeat: Runs of each command.
    """
    private, public = folder / "key.pem", folder / "key.pem.pub"
    _run([sys.executable, "-m", "sentinel", "sign", "--generate-key", str(private)], folder)
    model = folder / "model"
    _write(model, {f"shard-{number}.safetensors": size // 4 for number in range(4)})
    title = f"a model of {size / 1e9:g} GB"
    rows = []
    tools = [OURS, *([THEIRS] if find_spec("model_signing") else [])]
    costs: dict[tuple[str, str], list[Cost]] = {}
    for _ in range(repeat):
        for tool in tools:
            signature = folder / f"{tool}.sig"
            signature.unlink(missing_ok=True)
            for what, command in _commands(tool, model, signature, private, public).items():
                costs.setdefault((what, tool), []).append(_run(command, folder))
    for (what, tool), all_ in sorted(costs.items()):
        cost = median(all_)
        bound = 1.5 * size / 1e9 if (what, tool) == ("verify", OURS) else 0.0
        row = Row(f"{what} {title}", tool, cost.cpu, cost.wall, cost.resident, size, bound)
        rows.append(row)
    return rows + _within(folder, private, public)


def _within(folder: Path, private: Path, public: Path) -> list[Row]:
    small = folder / "small"
    _write(small, _SMALL)
    names = {"private": str(private), "public": str(public), "model": str(small)}
    rows = []
    for what, script, bound in (
        ("sign and verify a model of 4 files", _WITHIN, 0.1),
        ("import and sign a first time", _IMPORT, 0.15),
    ):
        cost = _run([sys.executable, "-c", script.format(**names)], folder)
        seconds = float((folder / "output.txt").read_text())
        rows.append(Row(what, OURS, seconds, seconds, cost.resident, bound=bound))
    return rows


def _commands(
    tool: str, model: Path, signature: Path, private: Path, public: Path
) -> dict[str, list[str]]:
    if tool == OURS:
        ours = [sys.executable, "-m", "sentinel"]
        place = ["--signature", str(signature)]
        return {
            "sign": [*ours, "sign", str(model), "--key", str(private), *place],
            "verify": [*ours, "verify", str(model), "--key", str(public), *place],
        }
    theirs = [sys.executable, "-m", "model_signing"]
    place = ["--signature", str(signature)]
    return {
        "sign": [*theirs, "sign", "key", str(model), "--private_key", str(private), *place],
        "verify": [*theirs, "verify", "key", str(model), "--public_key", str(public), *place],
    }


def _write(folder: Path, sizes: dict[str, int]) -> None:
    folder.mkdir()
    noise = random.Random(1).randbytes(1 << 20)
    for name, size in sizes.items():
        with (folder / name).open("wb") as stream:
            for start in range(0, size, len(noise)):
                stream.write(noise[: min(len(noise), size - start)])


def _run(command: list[str], folder: Path) -> Cost:
    source = str(Path(sentinel.__file__).parent.parent)
    cost = run(command, folder, {"PYTHONPATH": source}, _TIMEOUT)
    if cost.code != 0:
        output = (folder / "output.txt").read_text(errors="replace")
        raise SystemExit(f"{' '.join(command[:4])} failed:\n{output}")
    return cost
