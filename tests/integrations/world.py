"""What the tests of the hooks share: the wheel, the exported repository, and both frameworks.

Everything lies in one folder of the session. Each framework keeps its environment of the hooks
there, so that it is made once; the packages it needs beside our wheel come from the package index.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sentinel import __version__

ROOT = Path(__file__).resolve().parents[2]
REV = f"v{__version__}"
HOOKS = ("sentinel-model-scan", "sentinel-pickle-check")
FRAMEWORKS = ("pre-commit", "prek")


class Done(NamedTuple):
    """What a command left behind: its exit code, and all it printed."""

    code: int
    out: str


class World(NamedTuple):
    """The session's folder and the environment that commands run in."""

    folder: Path
    environ: dict[str, str]

    @property
    def hooks(self) -> Path:
        """The exported repository of the hooks."""
        return self.folder / "exported" / "sentinel-hooks.git"

    def run(self, *command: str | Path, cwd: Path, **extra: str) -> Done:
        """Run a command with nothing of the caller's git in the environment."""
        done = subprocess.run(
            [os.fspath(part) for part in command],
            cwd=cwd,
            env={**self.environ, **extra},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode("utf-8", "backslashreplace"))

    def must(self, *command: str | Path, cwd: Path, **extra: str) -> str:
        """Run a command that has to succeed and return what it printed."""
        done = self.run(*command, cwd=cwd, **extra)
        assert done.code == 0, f"{command}: {done.out}"
        return done.out


def make_world(folder: Path) -> World:
    """Build the wheel and export the repository of the hooks from the tree as it is."""
    world = World(folder, _environ(folder))
    _build_wheel(world)
    _export(world)
    return world


def _environ(folder: Path) -> dict[str, str]:
    unwanted = ("GIT_", "PRE_COMMIT", "PREK_", "SENTINEL_", "SKIP", "PYTHON", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    config = folder / "gitconfig"
    config.write_text(
        "[user]\nname = Test\nemail = test@example.org\n[init]\ndefaultBranch = main\n"
        '[advice]\ndetachedHead = false\n[protocol "file"]\nallow = always\n'
    )
    found = " ".join(filter(None, [str(folder / "wheels"), os.environ.get("PIP_FIND_LINKS")]))
    return {
        **kept,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(folder / "pre-commit"),
        "PREK_HOME": str(folder / "prek"),
        "PIP_FIND_LINKS": found,
        "UV_FIND_LINKS": str(folder / "wheels"),
        "UV_CACHE_DIR": str(folder / "uv"),
        "UV_PYTHON_DOWNLOADS": "never",
        "TERM": "dumb",
    }


def _build_wheel(world: World) -> None:
    source = world.folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", source / "src", ignore=ignore)
    wheels = world.folder / "wheels"
    world.must(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", wheels, cwd=source)


def _export(world: World) -> None:
    """Commit the folder of the hooks into a repository of its own and export from that, so that
    what is tested is the working tree, wherever it lies.
    """
    mono = world.folder / "mono"
    for name in ("integrations", "tools", "src/sentinel"):
        (mono / name).mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "export_integrations.sh", mono / "tools")
    shutil.copy(ROOT / "src" / "sentinel" / "_version.py", mono / "src" / "sentinel")
    shutil.copytree(ROOT / "integrations" / "pre-commit", mono / "integrations" / "pre-commit")
    world.must("git", "init", "-q", cwd=mono)
    world.must("git", "add", "-A", cwd=mono)
    world.must("git", "commit", "-q", "-m", "All", cwd=mono)
    world.must("sh", "tools/export_integrations.sh", world.folder / "exported", cwd=mono)


class Project:
    """A repository that uses the hooks through one of the frameworks.

    Args:
        world: The session's world.
        root: Its folder.
        framework: ``pre-commit`` or ``prek``.
    """

    def __init__(self, world: World, root: Path, framework: str) -> None:
        self.world = world
        self.root = root
        self.framework = framework
        root.mkdir(parents=True)
        self.git("init", "-q")
        self.configure()

    def configure(self, hooks: Iterable[str] = HOOKS, args: str = "") -> None:
        """Write the configuration of the framework."""
        lines = ["repos:", f"  - repo: file://{self.world.hooks}", f"    rev: {REV}", "    hooks:"]
        for hook in hooks:
            lines.append(f"      - id: {hook}")
            if args:
                lines.append(f"        args: [{args}]")
        self.write(".pre-commit-config.yaml", "\n".join(lines) + "\n")
        self.git("add", ".pre-commit-config.yaml")

    def install(self, stage: str = "pre-commit") -> Project:
        """Install the framework's git hook."""
        self.world.must(self.framework, "install", "--hook-type", stage, cwd=self.root)
        return self

    def git(self, *arguments: str | Path, **extra: str) -> str:
        """Run a git command that has to succeed."""
        return self.world.must("git", *arguments, cwd=self.root, **extra)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def stage(self, name: str, content: str | bytes) -> Path:
        """Write a file and add it to the index."""
        path = self.write(name, content)
        self.git("add", "--", path)
        return path

    def commit(self, **extra: str) -> Done:
        """Commit what is staged, the hooks having their say."""
        return self.world.run("git", "commit", "-m", "Change", cwd=self.root, **extra)

    def run(self, *arguments: str, **extra: str) -> Done:
        """Run the framework itself."""
        return self.world.run(self.framework, "run", *arguments, cwd=self.root, **extra)

    def commits(self) -> int:
        """Return how many commits there are."""
        done = self.world.run("git", "rev-list", "--count", "HEAD", cwd=self.root)
        return int(done.out) if done.code == 0 else 0
