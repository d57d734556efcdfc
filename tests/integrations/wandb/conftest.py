"""The tests of the guard of Weights & Biases: real wandb and its real core, and a server of ours.

Everything that imports wandb runs in a process of its own (``scenes``), which writes down what
happened; the tests read that, and what the server was sent.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.integrations.wandb.scenes.stage import mark
from tests.kit.wandb_server import WandbServer, serving

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
ALONE = "test_without_wandb.py"
collect_ignore: list[str] = []
if importlib.util.find_spec("wandb") is None:
    collect_ignore += [path.name for path in HERE.glob("test_*.py") if path.name != ALONE]


class Played(NamedTuple):
    """What came of a scene.

    Attributes:
        server: The server, with what it was sent.
        folder: Where the scene ran.
        said: What it wrote down, by name.
        code: Its exit code.
        errors: What it wrote to standard error.
    """

    server: WandbServer
    folder: Path
    said: dict[str, Any]
    code: int
    errors: str

    def uploaded(self, name: str) -> list[str]:
        """Return the paths of uploads with the mark of a file; reports on it are not meant."""
        found = self.server.holds(mark(name).encode())
        return [path for path in found if "/sentinel/report_" not in path]

    def staged(self, needle: bytes) -> list[Path]:
        """Return the files below the scene's folders of wandb that contain some bytes."""
        places = [self.folder / name for name in ("data", "wandb", "cache")]
        files = [path for place in places for path in place.rglob("*") if path.is_file()]
        holding = [path for path in files if needle in path.read_bytes()]
        return [path for path in holding if not path.name.startswith("report_")]


Play = Callable[..., Played]


def surroundings(server: WandbServer, folder: Path) -> dict[str, str]:
    """Return the environment of a scene."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("WANDB")}
    kept.pop("SENTINEL_WANDB_GUARD", None)
    for name in ("data", "cache", "config"):
        kept[f"WANDB_{name.upper()}_DIR"] = str(folder / name)
    return kept | {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "SENTINEL_QUARANTINE": str(folder / "quarantine"),
        "WANDB_API_KEY": "a" * 40,
        "WANDB_BASE_URL": server.url,
        "WANDB_DIR": str(folder),
        "WANDB_ENTITY": "tester",
        "WANDB_ERROR_REPORTING": "false",
        "WANDB_PROJECT": "tests",
        "WANDB_SILENT": "true",
    }


def play(server: WandbServer, folder: Path, scene: str, *args: str, **more: str) -> Played:
    """Run a scene to its end.

    Args:
        server: What it talks to.
        folder: Where it runs.
        scene: Name of a module of ``scenes``.
        args: Its arguments.
        more: Environment variables.
    """
    folder.mkdir(parents=True, exist_ok=True)
    result = folder / "said.json"
    command = [sys.executable, "-m", f"tests.integrations.wandb.scenes.{scene}", str(result), *args]
    done = subprocess.run(
        command, cwd=folder, env=surroundings(server, folder) | more, check=False,
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    said = json.loads(result.read_text()) if result.exists() else {}
    if not said:
        pytest.fail(f"the scene said nothing:\n{done.stdout}\n{done.stderr}")
    return Played(server, folder, said, done.returncode, done.stderr)


@pytest.fixture(scope="module")
def server() -> Iterator[WandbServer]:
    """A server for the tests of one module."""
    with serving() as found:
        yield found
