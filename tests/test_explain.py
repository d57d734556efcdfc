"""The code of pickles as facts of a report: which files are read again, and what is listed."""

from __future__ import annotations

import io
import pickle
import pickletools
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel import scan
from sentinel.errors import LimitExceeded
from sentinel.explain import selected, with_listings
from sentinel.findings import Line, Report
from sentinel.formats.pickle.context import around
from sentinel.formats.pickle.driver import interpret
from sentinel.limits import DEFAULT_LIMITS, Budget

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
HOSTILE = b"cos\nsystem\n(S'echo inert'\ntR."


def report_of(path: Path) -> Report:
    (report,) = scan(path)
    return report


def texts(report: Report) -> list[str]:
    return [line.text for listing in report.listings for line in listing.lines]


def test_a_command_of_ordinary_length_is_listed_whole(tmp_path: Path) -> None:
    path, command = tmp_path / "a.pkl", f"echo {'inert' * 40}"
    path.write_bytes(f"cos\nsystem\n(S'{command}'\ntR.".encode())
    report = with_listings(report_of(path))
    assert any(command in text for text in texts(report))
    path.write_bytes(f"cos\nsystem\n(S'{command * 9}'\ntR.".encode())
    assert max(map(len, texts(with_listings(report_of(path))))) <= 400


def test_a_finding_gets_the_code_and_the_opcodes_at_its_place() -> None:
    report = with_listings(report_of(EXAMPLES / "hostile" / "system-call.pkl"))
    (listing,) = report.listings
    offset = report.findings[0].location.offset
    assert offset is not None
    (line,) = [line for line in listing.lines if line.offset == offset]
    assert line.text == "v0 = posix.system('echo this line was printed by a model file')"
    names = [line.text.partition(" ")[0] for line in listing.opcodes[offset]]
    assert names[-4:] == ["REDUCE", "MEMOIZE", "SETITEMS", "STOP"]
    assert Line(offset, "REDUCE") in listing.opcodes[offset]


@pytest.mark.parametrize(
    ("name", "member", "variable"),
    [
        ("checkpoint.pt", "checkpoint/data.pkl", "v2"),
        ("compressed-payload.joblib", "compressed-payload.joblib", "v0"),
        ("two-archives.pt", "two-archives/data.pkl", "v2"),
    ],
)
def test_pickles_in_containers_are_found_again(name: str, member: str, variable: str) -> None:
    report = with_listings(report_of(EXAMPLES / "hostile" / name))
    assert {listing.member for listing in report.listings} == {member}
    assert any(text.startswith(f"{variable} = posix.system(") for text in texts(report))


def test_a_pickle_within_a_pickle_is_found_again(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("evil.pkl", HOSTILE)
    path = tmp_path / "outer.pkl"
    path.write_bytes(pickle.dumps({"a": list(range(9)), "blob": inner.getvalue()}))
    report = with_listings(report_of(path))
    places = {found.location.member for found in report.findings if found.rule_id == "SNT1101"}
    assert places == {listing.member for listing in report.listings if listing.opcodes}
    assert any("os.system" in text for text in texts(report))


def test_other_members_are_not_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/good.pkl", pickle.dumps([1, 2]))
        archive.writestr("a/evil.pkl", HOSTILE)
    report = with_listings(report_of(path))
    assert [listing.member for listing in report.listings] == ["a/evil.pkl"]


def test_a_clean_file_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_of(EXAMPLES / "benign" / "iris-forest.pkl")
    monkeypatch.setattr("sentinel.explain.open_file", None)
    assert with_listings(report) is report


def test_where_private_values_were_found_no_code_is_shown() -> None:
    report = report_of(EXAMPLES / "hostile" / "system-call.pkl")
    found = report.findings[0]._replace(rule_id="SNT1901")
    private = report._replace(findings=(*report.findings, found))
    assert with_listings(private) is private
    assert with_listings(report).listings


def test_a_file_that_is_gone_keeps_its_verdict(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(HOSTILE)
    report = report_of(path)
    path.unlink()
    again = with_listings(report)
    assert again.verdict == report.verdict
    assert again.findings == report.findings
    assert texts(again)[0].startswith("# no more code is listed: ")


def test_of_too_many_pickles_the_first_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(30):
            archive.writestr(f"{number:02}.pkl", HOSTILE)
    listings = with_listings(report_of(path)).listings
    assert [listing.member for listing in listings[:-1]] == [f"{n:02}.pkl" for n in range(16)]
    assert "too many pickles" in listings[-1].lines[0].text


def test_an_error_of_our_own_keeps_the_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(HOSTILE)
    report = report_of(path)
    monkeypatch.setattr("sentinel.explain.identify", None)
    assert texts(with_listings(report)) == [
        "# no more code is listed: an error of our own: TypeError"
    ]


def test_a_long_listing_keeps_its_beginning_and_what_matters(tmp_path: Path) -> None:
    call = b"cos\nsystem\n(S'echo inert'\ntR0"
    benign = b"ccollections\nOrderedDict\n(tR0" * 400
    path = tmp_path / "long.pkl"
    path.write_bytes(benign + call + benign + b"N.")
    (listing,) = with_listings(report_of(path)).listings
    said = [line.text for line in listing.lines]
    assert len(said) < 200
    assert any("os.system" in text for text in said)
    assert next(text for text in said if "left out" in text).endswith("lines left out")
    # 400 imports, written down each time, and 400 calls, on both sides; and what is always there
    assert listing.left_out + len(said) - sum("left out" in t for t in said) == 4 * 400 + 2 + 2


@given(st.integers(0, 400), st.sets(st.integers(0, 400), max_size=12))
def test_what_is_selected_adds_up(total: int, offsets: set[int]) -> None:
    lines = [Line(number, f"line {number}") for number in range(total)]
    kept, left_out = selected(lines, offsets, Budget())
    real = [line for line in kept if line.offset is not None]
    assert len(real) + left_out == total
    assert real == sorted(real)
    assert len(kept) <= 2 * 200
    hidden = sum(int(line.text.split()[1]) for line in kept if line.offset is None)
    assert hidden == left_out
    if total <= 100:
        assert kept == tuple(lines)


def test_the_clock_ends_a_listing() -> None:
    kept, _ = selected([Line(0, "a")], set(), Budget(DEFAULT_LIMITS._replace(timeout=-1.0)))
    assert kept[0].text.startswith("# cut short: ")
    with pytest.raises(LimitExceeded):
        Budget(DEFAULT_LIMITS._replace(timeout=-1.0)).check_time()


class Thing:
    def __init__(self) -> None:
        self.values = {"a": 1.5, "b": (True, None, 2**70, -3), "c": ["x" * 300, b"y" * 300]}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_opcodes_are_those_of_pickletools(protocol: int) -> None:
    data = pickle.dumps([Thing(), Thing(), {1, 2}, "\u0416\n'"], protocol)
    program = interpret(data, trace=True, batch=False)
    real = {position: opcode.name for opcode, _, position in pickletools.genops(data)}
    found = around(program, range(len(data)))
    assert set(found) == set(real)
    for offset, lines in found.items():
        assert len(lines) <= 12
        for line in lines:
            assert line.offset is not None
            assert line.text.partition(" ")[0] == real[line.offset]
        places = [line.offset for line in lines]
        order = sorted(real)
        first = order.index(places[0] or 0)
        assert places == order[first : first + len(places)]
        assert offset in places


@settings(max_examples=150)
@given(st.binary(max_size=120), st.lists(st.integers(-5, 200), max_size=5))
def test_opcodes_of_any_bytes(data: bytes, offsets: list[int]) -> None:
    for start in (b"", b"\x80\x04", HOSTILE[:-1]):
        program = interpret(start + data, trace=True, batch=False)
        for offset, lines in around(program, offsets).items():
            assert offset in [line.offset for line in lines]
            assert all(len(line.text) < 400 for line in lines)
