"""What the guards remember of files that were scanned, and what makes them look again."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from sentinel.engine import Scanner
from sentinel.integrations import quarantine
from sentinel.integrations.blocked import blocked
from sentinel.integrations.inspection import Inspection, Inspector
from sentinel.limits import DEFAULT_LIMITS
from tests.integrations.samples import BENIGN_4, HOSTILE_4

CODE = "import os\nos.system('echo inert')\n"
MLMODEL = "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"


def rules(found: Inspection) -> set[str]:
    return {finding.rule_id for report in found.reports for finding in report.findings}


def old(path: Path) -> Path:
    """Wait until a file is old enough to be remembered."""
    while path.stat().st_ctime_ns > time.time_ns() - 60_000_000:
        pass
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with code in it, which is no model's."""
    found = tmp_path / "one" / "two" / "three"
    found.mkdir(parents=True)
    (found / "helpers.py").write_text(CODE)
    old(found / "helpers.py")
    return found


@pytest.mark.parametrize("up", [0, 1, 2])
def test_code_is_looked_at_again_once_a_model_lies_beside_it(folder: Path, up: int) -> None:
    inspector = Inspector()
    before = inspector.inspect(str(folder), "m", DEFAULT_LIMITS)
    assert rules(before) == set()
    assert before.others == ("m/helpers.py",)
    place = [folder, *folder.parents][up]
    (place / "notes.txt").write_text(MLMODEL)
    assert rules(inspector.inspect(str(folder), "m", DEFAULT_LIMITS)) == set()
    (place / "MLmodel").write_text(MLMODEL)
    assert rules(inspector.inspect(str(folder), "m", DEFAULT_LIMITS))


def test_a_file_among_others_is_looked_at_again_when_it_is_asked_for(folder: Path) -> None:
    inspector = Inspector()
    assert rules(inspector.inspect(str(folder), "m", DEFAULT_LIMITS)) == set()
    assert rules(inspector.inspect(str(folder / "helpers.py"), "m", DEFAULT_LIMITS))


def test_nothing_is_scanned_twice_while_nothing_changes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned: list[str] = []
    original = Scanner.scan_path

    def counted(self: Scanner, path: str) -> object:
        scanned.append(Path(path).name)
        return original(self, path)

    monkeypatch.setattr(Scanner, "scan_path", counted)
    inspector = Inspector()
    for _ in range(3):
        inspector.inspect(str(folder), "m", DEFAULT_LIMITS)
    assert scanned == ["helpers.py"]


def test_times_and_size_that_were_put_back_hide_no_change(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(BENIGN_4)
    times = old(path).stat()
    inspector = Inspector()
    assert rules(inspector.inspect(str(tmp_path), "m", DEFAULT_LIMITS)) == set()
    path.write_bytes(HOSTILE_4.ljust(len(BENIGN_4), b"."))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert path.stat().st_size == times.st_size
    assert rules(inspector.inspect(str(tmp_path), "m", DEFAULT_LIMITS))


def test_a_pipe_and_a_file_that_is_gone_keep_no_other_from_quarantine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, kept = tmp_path / "model", tmp_path / "kept"
    folder.mkdir()
    monkeypatch.setenv(quarantine.VARIABLE, str(kept))
    os.mkfifo(folder / "a.pkl")
    (folder / "b.pkl").symlink_to("nowhere")
    (folder / "c.pkl").write_bytes(HOSTILE_4)
    found = Inspector().inspect(str(folder), "m", DEFAULT_LIMITS)
    writer = os.open(folder / "a.pkl", os.O_RDWR)
    os.write(writer, b"from a pipe")
    error = blocked("no", "", action="log", artifact="m", rule="SNT1101")
    with _ClosingSoon(writer):
        quarantine.keep(error, found)
    assert [one.read_bytes() for one in kept.iterdir() if one.suffix != ".json"] == [HOSTILE_4]
    assert "m/a.pkl: not a file" in error.hint
    assert "kept as" in error.hint


class _ClosingSoon:
    """Close a pipe's writer in a while, so that who waits for its end fails instead of hanging."""

    def __init__(self, writer: int) -> None:
        import threading

        self._timer = threading.Timer(5, os.close, (writer,))
        self._writer = writer

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *exc: object) -> None:
        if self._timer.is_alive():
            self._timer.cancel()
            os.close(self._writer)


def test_a_name_cannot_break_out_of_a_line(tmp_path: Path) -> None:
    from sentinel.integrations import GuardPolicy

    for name in ("plain.pkl", "a\n\n\x1b[31m![x](http:x).pkl"):
        (tmp_path / "file").write_bytes(HOSTILE_4)
        found = Inspector().inspect(str(tmp_path / "file"), name, DEFAULT_LIMITS)
        one = next(GuardPolicy().objections(found))
        assert one.artifact.isprintable()
        assert one.artifact.startswith(name[:1])
        assert (name in one.artifact) is name.isprintable()
        error = blocked(f"{name}: no", "", action="log", artifact=name, rule=one.rule)
        assert error.message.isprintable()
        assert (name in error.message) is name.isprintable()
