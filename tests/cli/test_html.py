"""``sentinel scan -f html``: written where it is wanted, with code, by any number of processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentinel.cli import main
from tests.cli.run import Cli
from tests.cli.stub import BAD, PARTIAL
from tests.reports.page import read

HOSTILE = b"cos\nsystem\n(S'echo inert'\ntR."


def test_it_goes_to_a_file_and_the_summary_to_the_terminal(cli: Cli) -> None:
    cli.write("m/a.pkl", BAD)
    cli.write("m/b.pkl", PARTIAL)
    done = cli("scan", "m", "-f", "html", "-o", "report.html")
    assert (done.code, done.out) == (1, "")
    assert "1 critical" in done.err
    page = read((cli.root / "report.html").read_text())
    assert "m/a.pkl" in page.one("section", "group").text
    assert "m/b.pkl" in page.one("section", id="gaps").text


def test_it_goes_to_standard_output_and_beside_another(cli: Cli) -> None:
    cli.write("m/a.pkl", BAD)
    done = cli("scan", "m", "-f", "html")
    assert read(done.out).all("article")
    done = cli("scan", "m", "--report", "html=x.html")
    assert "a.pkl" in done.out
    assert read((cli.root / "x.html").read_text()).all("article")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_code_of_pickles_is_in_it(
    jobs: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.pkl", "b.pkl"):
        (place / name).write_bytes(HOSTILE)
    assert main(["scan", ".", "-q", "-f", "html", "--jobs", jobs]) == 1
    page = read(capsys.readouterr().out)
    assert [e.text.count("v0 = os.system(b'echo inert')") for e in page.all("pre", "code")] == [
        1,
        1,
    ]


def test_no_other_format_reads_a_file_again(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "a.pkl").write_bytes(HOSTILE)
    monkeypatch.setattr("sentinel.explain.open_file", None)
    assert main(["scan", ".", "-q", "-f", "json"]) == 1
    assert "an error of our own" not in capsys.readouterr().out
    assert main(["scan", ".", "-q", "-f", "html"]) == 1


def test_beside_personal_data_no_code_is_shown(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mail = b"(S'mail jane.doe@bigbank.com, card 4111 1111 1111 1111'\ntR."
    (place / "a.pkl").write_bytes(b"cos\nsystem\n" + mail)
    assert main(["scan", ".", "-q", "-f", "html", "--pii"]) == 1
    page = read(capsys.readouterr().out)
    assert any("SNT19" in e.attributes["data-r"] for e in page.all("article"))
    assert not page.all("pre", "code")
