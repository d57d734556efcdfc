"""The hook for personal data: the ways forward that it prints, and what it says when it passes."""

from __future__ import annotations

import os
import tomllib
from datetime import date, timedelta
from typing import Any

import pytest

from tests.cli.run import Cli

KEY = "AKIA" + "Z7QK3MXP5LWD2RTV"
SECRET = f"AWS_KEY={KEY}\n"


def card(number: int) -> str:
    """Return a card number with its check digit."""
    digits = [4, *(int(digit) for digit in f"{number * 7919:014d}")]
    total = sum(sum(divmod(d * 2, 10)) if at % 2 == 0 else d for at, d in enumerate(digits))
    return "".join(map(str, digits)) + str(-total % 10)


def cards(rows: int, column: str = "card") -> str:
    return f"id,{column}\n" + "".join(f"{row},{card(row + 12345)}\n" for row in range(rows))


def entries(out: str) -> dict[str, Any]:
    """Return the entries that a failed hook prints, as TOML reads them."""
    found = tomllib.loads(out[out.index("[[") :])
    assert all(entry.pop("reason") == "" for entry in found["allow"])
    day = date.today() + timedelta(days=90)
    assert all(entry.pop("expires") == day for entry in found["allow"])
    return found


def accept(cli: Cli, out: str) -> None:
    text = out[out.index("[[") :].replace('reason = ""', 'reason = "made up"')
    cli.write(".sentinel-pii.toml", text)


def test_the_entry_that_is_printed_accepts_what_was_reviewed_and_no_more(cli: Cli) -> None:
    cli.write("data/people.csv", cards(20))
    done = cli.hook("pii-scan", "data/people.csv")
    assert done.code == 1
    assert "add this to .sentinel-pii.toml, give a reason" in done.out
    assert "in a comment" not in done.out
    assert entries(done.out) == {
        "allow": [
            {
                "path": "data/people.csv",
                "types": ["CREDIT_CARD"],
                "columns": ["card"],
                "max_count": 20,
            }
        ]
    }
    cli.write(".sentinel-pii.toml", done.out[done.out.index("[[") :])
    refused = cli.hook("pii-scan", "data/people.csv")
    assert (refused.code, "has no reason" in refused.err) == (2, True)
    accept(cli, done.out)
    told = "1 finding accepted, in data/people.csv.\n"
    assert cli.hook("pii-scan", "data/people.csv") == (0, told, "")

    cli.write("data/people.csv", cards(21))
    assert cli.hook("pii-scan", "data/people.csv").code == 1
    cli.write("data/people.csv", cards(20, "payment_card"))
    assert cli.hook("pii-scan", "data/people.csv").code == 1


def test_an_entry_at_the_root_is_about_that_file_alone(cli: Cli) -> None:
    cli.write("a.env", SECRET)
    cli.write("below/a.env", SECRET)
    done = cli.hook("pii-scan", "a.env")
    assert "in a comment on its line: sentinel: allow[AWS_ACCESS_KEY_ID]" in done.out
    accept(cli, done.out)
    assert cli.hook("pii-scan", "a.env").code == 0
    assert cli.hook("pii-scan", "below/a.env").code == 1


@pytest.mark.parametrize("name", ["--x.env", 'a"b\\c.env', "a\nb.env", "x ::y##z.env", "*?.env"])
def test_an_entry_works_for_any_name(cli: Cli, name: str) -> None:
    cli.write(name, SECRET)
    out = cli.hook("pii-scan", name).out
    assert KEY not in out
    assert all(line.isprintable() for line in out.splitlines())
    accept(cli, out)
    done = cli.hook("pii-scan", name)
    assert (done.code, done.err) == (0, "")


def test_columns_that_together_tell_who_it_is_can_be_accepted(cli: Cli) -> None:
    rows = "".join(
        f"19{n:02d}-03-{n % 27 + 1:02d},{10115 + n},{'fm'[n % 2]}\n" for n in range(40, 90)
    )
    cli.write("a.csv", f"date_of_birth,postcode,sex\n{rows}")
    done = cli.hook("pii-scan", "a.csv")
    assert "SNT1909" in done.out
    (entry,) = entries(done.out)["allow"]
    assert entry["types"] == ["DATE_OF_BIRTH", "POSTCODE", "SEX"]
    accept(cli, done.out)
    assert cli.hook("pii-scan", "a.csv").code == 0


def test_an_entry_that_has_expired_is_told_and_accepts_nothing(cli: Cli) -> None:
    cli.write("a.env", SECRET)
    entry = '[[allow]]\npath = "a.env"\ntypes = ["AWS_ACCESS_KEY_ID"]\nreason = "x"\n'
    cli.write(".sentinel-pii.toml", f"{entry}expires = 2020-01-01\n")
    done = cli.hook("pii-scan", "a.env")
    assert done.code == 1
    assert done.err == "sentinel: .sentinel-pii.toml: allow 1 (a.env) expired on 2020-01-01\n"


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "nowhere", "huge"])
def test_a_file_of_rules_that_cannot_be_read_is_an_error_at_once(cli: Cli, kind: str) -> None:
    cli.write("a.txt", "nothing\n")
    path = cli.root / ".sentinel-pii.toml"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "huge":
        path.write_text("# x\n" * 300_000)
    else:
        path.symlink_to("/dev/zero" if kind == "device" else "nowhere")
    done = cli.hook("pii-scan", "a.txt")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert ".sentinel-pii.toml: " in done.err


def test_it_is_quiet_where_nothing_was_accepted(cli: Cli) -> None:
    cli.write(".sentinel-pii.toml", '[severity]\nEMAIL = "low"\n')
    cli.write("a.txt", "nothing\n")
    assert cli.hook("pii-scan", "a.txt") == (0, "", "")


def test_a_comment_that_names_no_type_lets_no_other_file_go_unread(cli: Cli) -> None:
    cli.write("a.py", "x = 1  # sentinel: allow[NOPE] x\n")
    cli.write("b.env", f"# sentinel: allow[NOPE] x\n{SECRET}")
    done = cli.hook("pii-scan", "a.py", "b.env")
    assert done.code == 1
    assert "b.env · malicious" in done.out
    assert "a.py line 1: malformed: allow[NOPE] names no type" in done.out
