"""What is accepted: by a comment, by a rule, by a baseline; and what is said when it cannot be."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest

from sentinel.errors import SettingsError
from sentinel.pii import Options, scan_bytes
from sentinel.pii.baseline import identity, lines, read_baseline, start
from sentinel.pii.catalog import catalog
from sentinel.pii.rules_file import read_rules

MAIL = "jane@acme-corp.com"
RULE = 'path = "a"\ntypes = ["EMAIL"]\nreason = "x"\n'
HEAD = '{"sentinel-pii-baseline": 1, "key": "00"}'
SECRET = "password = 'kX9mQ2vL7pZ4wT8r'"


def kinds(text: str, options: Options | None = None, name: str = "a.py") -> list[str]:
    return [one.info_type for one in scan_bytes(text.encode(), name, options).detections]


def test_nothing_is_accepted_by_itself() -> None:
    assert kinds(f"x = '{MAIL}'\n") == ["EMAIL"]
    assert kinds(f"{SECRET}\n") == ["GENERIC_SECRET"]


@pytest.mark.parametrize(
    "text",
    [
        f"x = '{MAIL}'  # sentinel: allow[EMAIL] our own desk\n",
        f"# sentinel: allow[EMAIL] our own desk\nx = '{MAIL}'\n",
        f"// sentinel: allow[PHONE, EMAIL] our own desk\nx = '{MAIL}'\n",
        f"<!-- sentinel: allow[email] our own desk -->\n<a>{MAIL}</a>\n",
    ],
)
def test_a_comment_accepts_the_types_it_names(text: str) -> None:
    scan = scan_bytes(text.encode(), "a.py")
    assert not scan.detections
    (accepted,) = scan.accepted
    assert accepted.reason == "our own desk"


@pytest.mark.parametrize(
    "text",
    [
        f"# sentinel: allow[PHONE] wrong type\nx = '{MAIL}'\n",
        f"# sentinel: allow[EMAIL] too far\n\nx = '{MAIL}'\n",
        f"y = 1  # sentinel: allow[EMAIL] beside other code\nx = '{MAIL}'\n",
        f"x = '{MAIL}'  # pragma: allowlist secret\n",
    ],
)
def test_it_accepts_no_more(text: str) -> None:
    assert kinds(text) == ["EMAIL"]


@pytest.mark.parametrize(
    "mark",
    ["pragma: allowlist secret", "gitleaks:allow", "betterleaks:allow", "pragma: whitelist secret"],
)
def test_marks_of_other_scanners_accept_credentials(mark: str) -> None:
    assert kinds(f"{SECRET}  # {mark}\n") == []
    assert kinds(f"{SECRET}\n{SECRET.replace('9', '7')}  # {mark}\n") == ["GENERIC_SECRET"]


def test_the_mark_for_the_next_line() -> None:
    assert kinds(f"# pragma: allowlist nextline secret\n{SECRET}\n") == []


def test_comments_accept_nothing_in_files_of_others() -> None:
    text = f"x = '{MAIL}'  # sentinel: allow[EMAIL] trust me\n"
    assert kinds(text, Options(inline=False)) == ["EMAIL"]


def test_a_comment_that_names_no_type_accepts_nothing_and_is_told() -> None:
    text = f"y = 1\nx = '{MAIL}'  # sentinel: allow[EMIAL] typo\n"
    scan = scan_bytes(text.encode(), "a.py")
    assert [one.info_type for one in scan.detections] == ["EMAIL"]
    (gap,) = scan.gaps
    assert (gap.location.line, gap.detail) == (2, "allow[EMIAL] names no type")
    assert gap.hint == "did you mean EMAIL?"


def test_a_comment_that_names_no_type_ends_no_scan_of_a_credential_file() -> None:
    key = "AKIA" + "Z7QK3MXP5LWD2RTV"
    for name in (".env", "a.env", "b.txt"):
        scan = scan_bytes(f"# sentinel: allow[NOPE] x\nAWS_KEY={key}\n".encode(), name)
        assert [one.info_type for one in scan.detections] == ["AWS_ACCESS_KEY_ID"], name
        assert [gap.location.line for gap in scan.gaps] == [1]


def test_the_placeholder_of_our_own_texts_is_no_mistake() -> None:
    scan = scan_bytes(b"Say `sentinel: allow[TYPE] reason` on the line.\n", "a.md")
    assert not scan.gaps
    assert kinds(f"x = '{MAIL}'  # sentinel: allow[TYPE] reason\n") == ["EMAIL"]


def test_lines_are_right_where_there_are_many_marks() -> None:
    mark = "sentinel: allow[PHONE] x\n"
    text = f"\n{mark}{mark}\nx = '{MAIL}'  # sentinel: allow[EMAIL] desk\ny = '{MAIL}'\n"
    scan = scan_bytes(text.encode(), "a.py")
    assert [one.place.line for one in scan.detections] == [6]
    assert [one.detection.place.line for one in scan.accepted] == [5]


def test_remarks_on_comments_are_bounded() -> None:
    text = "".join(f"sentinel: allow[NOPE{n}] x\n" for n in range(5_000))
    assert 1 <= len(scan_bytes(text.encode(), "a.txt").gaps) <= 100


def rules(directory: Path, text: str) -> Options:
    path = directory / ".sentinel-pii.toml"
    path.write_text(text, encoding="utf-8")
    found = read_rules(str(path), catalog().types)
    return Options(allow=found.allow, severities=found.severities)


def test_a_rule_accepts_a_column_of_a_file(tmp_path: Path) -> None:
    options = rules(
        tmp_path,
        '[[allow]]\npath = "data/*.csv"\ntypes = ["EMAIL"]\ncolumns = ["contact"]\n'
        'reason = "made up"\n',
    )
    text = "contact,other\n" + "".join(
        f"a{n}@acme-corp.com,b{n}@acme-corp.com\n" for n in range(20)
    )
    name = str(tmp_path / "data" / "t.csv")
    scan = scan_bytes(text.encode(), name, options)
    assert [one.place.column for one in scan.detections] == ["other"]
    assert [one.detection.place.column for one in scan.accepted] == ["contact"]
    assert len(scan_bytes(text.encode(), str(tmp_path / "t.csv"), options).detections) == 2


def test_a_rule_may_accept_so_many_and_no_more(tmp_path: Path) -> None:
    options = rules(
        tmp_path, '[[allow]]\npath = "*.md"\ntypes = ["*"]\nmax_count = 2\nreason = "contacts"\n'
    )
    two = "jane@acme-corp.com\njoan@acme-corp.com\n"
    name = str(tmp_path / "a.md")
    assert kinds(two, options, name) == []
    assert kinds(two + "joe@acme-corp.com\n", options, name) == ["EMAIL"] * 3


def test_a_rule_holds_until_its_last_day(tmp_path: Path) -> None:
    path = tmp_path / ".sentinel-pii.toml"
    path.write_text(f"[[allow]]\n{RULE}expires = 2027-02-01\n")
    types = catalog().types
    last = read_rules(str(path), types, date(2027, 2, 1))
    assert (len(last.allow), last.expired) == (1, ())
    after = read_rules(str(path), types, date(2027, 2, 2))
    assert after.allow == ()
    assert after.expired == (f"{path}: allow 1 (a) expired on 2027-02-01",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[alow]]\n", "alow"),
        ('[[allow]]\ntypes = ["EMAIL"]\nreason = "x"\n', "path"),
        ('[[allow]]\npath = "a"\ntypes = ["EMAIL"]\n', "reason"),
        ('[[allow]]\npath = "a"\nreason = "x"\n', "types"),
        ('[[allow]]\npath = "a"\ntypes = ["EMIAL"]\nreason = "x"\n', "EMIAL"),
        ('[[allow]]\npath = "a"\ntypes = ["EMAIL"]\nreason = "x"\nmax_count = -1\n', "max_count"),
        (f'[[allow]]\n{RULE}expires = "soon"\n', "expires"),
        (f"[[allow]]\n{RULE}expires = 2027\n", "expires"),
        ('[severity]\nEMIAL = "low"\n', "EMIAL"),
        ('[severity]\nEMAIL = "lowest"\n', "lowest"),
        ("= 1\n", "TOML"),
    ],
)
def test_rules_that_make_no_sense(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        rules(tmp_path, text)


def test_severities_can_be_set(tmp_path: Path) -> None:
    options = rules(tmp_path, '[severity]\nEMAIL = "critical"\n')
    (one,) = scan_bytes(MAIL.encode(), "a.txt", options).detections
    assert one.severity.label == "critical"


def record(path: Path, files: dict[str, str]) -> None:
    """Write the baseline of some files."""
    begun = start(str(path), str(path.parent))
    known = set()
    for name, text in files.items():
        full = str(path.parent / name)
        scan = scan_bytes(text.encode(), full, Options(baseline=begun))
        known |= {identity(begun.root, full, one) for one in scan.detections}
    path.write_text("".join(lines(begun.key, known)), encoding="utf-8")


def test_a_baseline_knows_a_value_wherever_its_line_goes(tmp_path: Path) -> None:
    path = tmp_path / "known.jsonl"
    record(path, {"a.py": f"x = '{MAIL}'\n"})
    options = Options(baseline=read_baseline(str(path), str(tmp_path)))
    moved = f"\n\n# more\nx = '{MAIL}'\ny = 'joan@acme-corp.com'\n"
    scan = scan_bytes(moved.encode(), str(tmp_path / "a.py"), options)
    assert [one.place.line for one in scan.detections] == [5]
    assert [one.reason for one in scan.accepted] == ["known since the baseline"]
    assert kinds(moved, options, str(tmp_path / "b.py")) == ["EMAIL", "EMAIL"]


def test_a_baseline_is_the_same_bytes_again_and_holds_no_value(tmp_path: Path) -> None:
    path = tmp_path / "known.jsonl"
    files = {"b.py": f"x = '{MAIL}'\n", "a.py": f"{SECRET}\n"}
    record(path, files)
    first = path.read_bytes()
    record(path, dict(reversed(files.items())))
    assert path.read_bytes() == first
    assert b"jane" not in first
    assert b"kX9m" not in first
    assert b'"line"' not in first


def test_two_branches_merge(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        who = ["-c", "user.name=t", "-c", "user.email=t@t.invalid"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    path = tmp_path / ".sentinel-pii-baseline.jsonl"
    (tmp_path / ".gitattributes").write_text(f"{path.name} merge=union\n")
    git("init", "-q", "-b", "main")
    record(path, {"a.py": f"x = '{MAIL}'\n"})
    git("add", "-A")
    git("commit", "-qm", "a")
    for branch, name in (("one", "b.py"), ("two", "c.py")):
        git("checkout", "-qb", branch, "main")
        record(path, {"a.py": f"x = '{MAIL}'\n", name: "x = 'joan@acme-corp.com'\n"})
        git("commit", "-qam", branch)
    git("merge", "-q", "one")
    assert len(read_baseline(str(path), str(tmp_path)).known) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no key"),
        ("[]\n", "no object"),
        ("{\n", "JSON"),
        ('{"sentinel-pii-baseline": 1, "key": "zz"}\n', "no key"),
        (f"{HEAD}\n{HEAD.replace('00', '01')}\n", "two"),
        ('{"sentinel-pii-baseline": 1, "key": "00"}\n{"path": 1, "type": "EMAIL"}\n', "no entry"),
    ],
)
def test_a_broken_baseline_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "b.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=message):
        read_baseline(str(path), str(tmp_path))
