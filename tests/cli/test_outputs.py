"""Where reports go, and that nobody ever sees half of one or finds another file overwritten."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from pathlib import Path

import pytest

from sentinel.cli.outputs import write
from sentinel.errors import UsageError
from tests.cli.run import Cli
from tests.cli.stub import BAD, CLEAN, MINOR


@pytest.fixture
def bad(cli: Cli) -> Cli:
    cli.write("m/a.pkl", BAD)
    return cli


def test_a_report_goes_to_a_file_and_the_figures_to_standard_error(bad: Cli) -> None:
    done = bad("scan", "m", "-f", "json", "-o", "x.json")
    assert (done.code, done.out) == (1, "")
    assert json.loads((bad.root / "x.json").read_text())["exit_code"] == 1
    assert "1 model file scanned: 1 critical." in done.err
    assert bad("scan", "m", "-f", "json", "-o", "x.json", "-q").err == ""


def test_several_reports_of_one_run(bad: Cli) -> None:
    done = bad("scan", "m", "--report", "json=x.json", "--report=sarif=x=y.sarif")
    assert "SNT9901" in done.out
    assert json.loads((bad.root / "x.json").read_text())["findings"]
    assert json.loads((bad.root / "x=y.sarif").read_text())["runs"]
    assert sorted(path.name for path in bad.root.iterdir()) == [".git", "m", "x.json", "x=y.sarif"]


def test_standard_output_is_the_report_alone_whatever_is_asked(
    bad: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    bad.write(
        "sentinel.toml", "[[suppress]]\nrule='SNT9903'\npath='n'\nreason='r'\nexpires=2020-01-01"
    )
    for options in ([], ["-v"], ["-vv"], ["-q"], ["--min-severity", "critical"]):
        done = bad("scan", ".", "-f", "json", *options)
        assert json.loads(done.out)["findings"]
        assert "\x1b" not in done.out


def test_the_text_report_hides_and_machine_reports_do_not(cli: Cli) -> None:
    cli.write("a.pkl", MINOR)
    options = ["scan", ".", "--min-severity", "critical", "--report", "json=x.json"]
    assert "SNT9902" not in cli(*options).out
    assert len(json.loads((cli.root / "x.json").read_text())["findings"]) == 1


def test_a_text_report_in_a_file_has_no_colours(bad: Cli) -> None:
    bad("scan", "m", "-o", "x.txt", "--color", "always")
    text = (bad.root / "x.txt").read_text(encoding="utf-8")
    assert "└─ critical SNT9901" in text


def test_a_link_in_the_way_is_replaced_and_not_followed(bad: Cli) -> None:
    (bad.root / "victim").write_text("precious")
    (bad.root / "x.json").symlink_to("victim")
    bad("scan", "m", "-f", "json", "-o", "x.json")
    assert (bad.root / "victim").read_text() == "precious"
    assert not (bad.root / "x.json").is_symlink()


def test_devices_are_written_to_and_not_replaced(bad: Cli) -> None:
    assert bad("scan", "m", "-f", "json", "-o", os.devnull).code == 1
    assert not Path(os.devnull).is_file()


def test_a_pipe_is_written_to(bad: Cli) -> None:
    pipe = bad.root / "pipe"
    os.mkfifo(pipe)
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_text()))
    reader.start()
    bad("scan", "m", "-f", "json", "-o", "pipe")
    reader.join()
    assert json.loads(received[0])["exit_code"] == 1


def test_a_report_that_fails_leaves_the_old_one_and_no_scraps(tmp_path: Path) -> None:
    target = tmp_path / "x.json"
    target.write_text("old")

    def chunks():  # type: ignore[no-untyped-def]
        yield "half"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(str(target), chunks())
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_place_that_cannot_be_written_is_an_error(bad: Cli) -> None:
    (bad.root / "folder").mkdir()
    done = bad("scan", "m", "-o", "folder")
    assert done.code == 2
    assert "it is a directory" in done.err
    with pytest.raises(UsageError, match="cannot write '/dev/full'"):
        write("/dev/full", ["x" * 100_000])


def test_output_to_a_dash_is_standard_output(bad: Cli) -> None:
    assert "SNT9901" in bad("scan", "m", "-o", "-").out


class Gone(io.StringIO):
    """A standard output whose reader went away."""

    def write(self, text: str) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


class Full(io.StringIO):
    """A standard output on a full disk."""

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize(("content", "code"), [(CLEAN, 0), (BAD, 1)])
def test_a_reader_that_goes_away_changes_nothing(
    cli: Cli, content: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.write("a.pkl", content)
    monkeypatch.setattr(sys, "stdout", Gone())
    done = cli("scan", ".")
    assert (done.code, done.err) == (code, "")


def test_a_full_disk_is_an_error(bad: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Full())
    done = bad("scan", "m")
    assert done.code == 2
    assert "cannot write to standard output: No space left" in done.err


def test_no_standard_error_is_no_reason_to_fail(bad: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert bad("scan", "m").code == 1
    assert bad("scan", "nowhere").code == 2


def test_an_output_that_takes_ascii_only_gets_ascii(
    bad: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, "ascii"))
    bad.write("größe.pkl", BAD)
    assert bad("scan", ".").code == 1
    text = raw.getvalue().decode("ascii")
    assert "`- critical SNT9901" in text
    assert "gr\\xf6\\xdfe.pkl" in text
