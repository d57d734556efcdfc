"""The scanners that are measured, each in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
WHOLE_TREE = "."


class Tool(NamedTuple):
    """A scanner and how it is called.

    Attributes:
        name: Its name in the tables.
        requires: What pip installs.
        arguments: The command below its environment's ``bin``; the target is appended.
        environment: Variables it needs, such as a switch against telemetry.
        ours: Whether it is the scanner of this repository.
    """

    name: str
    requires: tuple[str, ...]
    arguments: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    ours: bool = False

    def command(self, home: Path, target: Path) -> list[str]:
        """Return the command line that scans a target.

        Args:
            home: Folder that holds the environments.
            target: File or folder to scan.
        """
        program = home / self.name / "bin" / self.arguments[0]
        return [str(program), *self.arguments[1:], str(target)]


OURS = Tool("sentinel", (WHOLE_TREE,), ("sentinel", "scan"), ours=True)

PEERS: tuple[Tool, ...] = (
    Tool("picklescan", ("picklescan==1.0.5",), ("picklescan", "--path")),
    Tool("modelscan", ("modelscan==0.8.8",), ("modelscan", "scan", "--path")),
    # fickling 0.1.12 imports typing_extensions without asking for it.
    Tool(
        "fickling",
        ("fickling==0.1.12", "typing-extensions"),
        ("fickling", "--check-safety"),
    ),
    Tool(
        "modelaudit",
        ("modelaudit==0.2.54",),
        ("modelaudit", "scan", "--no-cache"),
        (("PROMPTFOO_DISABLE_TELEMETRY", "1"), ("NO_COLOR", "1")),
    ),
    # Without this it passes over what is larger than 500 MB.
    Tool("hayward", ("hayward==1.4.1",), ("hayward", "scan", "--max-size", "4g")),
    Tool("safeloadai", ("safeloadai==0.9.0",), ("safeloadai", "scan")),
)


def install(tool: Tool, home: Path) -> None:
    """Make a tool's environment, unless it is there; ours is always made from the tree as it is.

    Args:
        tool: What to install.
        home: Folder that holds the environments.
    """
    folder = home / tool.name
    stamp = folder / "requires.txt"
    wanted = "\n".join(tool.requires)
    if not tool.ours and stamp.is_file() and stamp.read_text() == wanted:
        return
    if not (folder / "bin" / "python").exists():
        venv.create(folder, with_pip=True)
    print(f"installing {tool.name}", file=sys.stderr)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    extra = ["--force-reinstall"] if tool.ours else []
    subprocess.run([*pip, *extra, *tool.requires], cwd=ROOT, check=True)
    stamp.write_text(wanted)
