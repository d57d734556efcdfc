"""The commands of the README's section on trust, run as they stand there."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from sentinel.cli import main

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(sys.platform != "linux", reason="convert needs the jail, which is of Linux")
def test_the_readme_s_commands_do_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = re.search(r"^## Trust$.*?^```sh\n(.*?)^```$", text, re.M | re.S)
    assert section
    first, *commands = section[1].splitlines()
    assert first == "mkdir model && cp examples/benign/iris-forest.pkl model/"
    assert {"sign", "verify", "convert"} <= {command.split()[1] for command in commands}
    (tmp_path / "model").mkdir()
    shutil.copy(ROOT / "examples" / "benign" / "iris-forest.pkl", tmp_path / "model")
    monkeypatch.chdir(tmp_path)
    for command in commands:
        program, *words = shlex.split(command)
        assert program == "sentinel"
        assert main(words) == 0, (command, capfd.readouterr())
    assert (tmp_path / "iris.skops").exists()

    model = tmp_path / "model" / "iris-forest.pkl"
    model.write_bytes(model.read_bytes() + b"\n")
    assert main(shlex.split(commands[3])[1:]) == 1
    assert "iris-forest.pkl" in capfd.readouterr().err
