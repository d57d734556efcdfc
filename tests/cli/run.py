"""Runs the command line in this process."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from sentinel.cli import hook, main


class Done(NamedTuple):
    """What a run left behind."""

    code: int
    out: str
    err: str


class Cli:
    """Writes files and runs commands over them."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys

    def write(self, name: str, content: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", errors="surrogateescape")
        return path

    def __call__(self, *arguments: str) -> Done:
        return self._run(lambda: main(arguments))

    def hook(self, *arguments: str) -> Done:
        return self._run(lambda: hook.main(arguments))

    def _run(self, call) -> Done:  # type: ignore[no-untyped-def]
        self._capsys.readouterr()
        code = call()
        out, err = self._capsys.readouterr()
        return Done(code, out, err)
