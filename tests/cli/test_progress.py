"""The progress bar: late, on a terminal only, and gone at the end."""

from __future__ import annotations

import io

import pytest

from sentinel.cli.progress import Progress
from tests.cli.run import Cli
from tests.cli.stub import CLEAN


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_short_scan_draws_nothing() -> None:
    clock, stream = Clock(), io.StringIO()
    progress = Progress(2, stream, clock, 80)
    progress.step("a")
    clock.now += 0.4
    progress.draw()
    progress.close()
    assert stream.getvalue() == ""


def test_a_long_scan_draws_a_line_and_takes_it_away() -> None:
    clock, stream = Clock(), io.StringIO()
    progress = Progress(4, stream, clock, 80)
    progress.step("a.pkl")
    progress.step("b\n\x1b[31m.pkl")
    clock.now += 2
    progress.draw()
    assert stream.getvalue() == ("\r\x1b[2K[#####---------------] 1/4 2s b\\n\\x1b[31m.pkl")
    progress.close()
    assert stream.getvalue().endswith("\r\x1b[2K")


def test_a_line_never_wraps() -> None:
    clock, stream = Clock(), io.StringIO()
    progress = Progress(10**6, stream, clock, 60)
    progress.step("x" * 500)
    clock.now += 9999
    progress.draw()
    assert len(stream.getvalue().removeprefix("\r\x1b[2K")) < 60


class Terminal(io.StringIO):
    """A terminal without a size."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("options", "started"), [([], 1), (["-q"], 0)])
def test_a_terminal_gets_a_bar(
    cli: Cli, options: list[str], started: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    monkeypatch.setattr("sentinel.cli.progress.Progress.start", lambda bar: made.append(1))
    monkeypatch.setattr("sys.stderr", Terminal())
    cli.write("a.pkl", CLEAN)
    assert cli("scan", ".", *options).code == 0
    assert len(made) == started
    monkeypatch.setenv("TERM", "dumb")
    assert cli("scan", ".", *options).code == 0
    assert len(made) == started


def test_the_thread_ends_with_the_scan() -> None:
    progress = Progress(1, io.StringIO(), Clock(), 80)
    progress.start()
    progress.close()
    assert progress._thread is not None
    assert not progress._thread.is_alive()
