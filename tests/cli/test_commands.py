"""The smaller commands: explain, rules, config, completions, version, help."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sentinel._version import __version__
from sentinel.cli import COMMANDS, build_parser
from sentinel.errors import LimitExceeded, ReadError
from sentinel.rules import RULES_VERSION
from tests.cli.run import Cli
from tests.cli.stub import CLEAN

SHELLS = ["bash", "zsh", "fish"]


def test_version(cli: Cli) -> None:
    expected = f"sentinel {__version__} (rules {RULES_VERSION})\n"
    assert cli("--version") == cli("-V") == cli("version") == (0, expected, "")


def test_help_lists_every_command_and_every_command_has_help(cli: Cli) -> None:
    for arguments in ((), ("--help",), ("-h",), ("help",)):
        done = cli(*arguments)
        assert done.code == 0
        assert all(command.name in done.out for command in COMMANDS)
    for command in COMMANDS:
        done = cli(command.name, "--help")
        assert done.code == 0
        assert f"usage: sentinel {command.name}" in done.out
        assert max(map(len, done.out.splitlines())) <= 100
        assert cli("help", command.name) == done
    text = " ".join(cli("sign", "--help").out.splitlines())
    assert "-out signing.pem   chmod 600" in text, "a command is on one line, to be copied"


def test_the_parser_of_all_commands_has_help_for_every_option() -> None:
    text = build_parser().format_help()
    assert "exit codes:" in text


@pytest.fixture
def listing(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    def explain(path: str, text: int) -> Iterator[str]:
        assert Path(path).exists()
        yield "# a.pkl"
        yield "\x1b[2Jv0 = os.system('x')"
        yield "return v0"
        if "broken" in path:
            raise LimitExceeded("too long", "raise it")
        if "closed" in path:
            raise ReadError("no access")

    monkeypatch.setattr("sentinel.engine.explain_path", explain)
    return cli


def test_explain_shows_a_file(listing: Cli) -> None:
    listing.write("a.pkl", CLEAN)
    done = listing("explain", "a.pkl")
    assert done == (0, "# a.pkl\n\\x1b[2Jv0 = os.system('x')\nreturn v0\n", "")
    assert listing("explain", "a.pkl", "--limit", "1").out == (
        "# a.pkl\n... more; --limit 1 ends it here\n"
    )
    assert listing("explain", "a.pkl", "--limit", "3").out == done.out


@pytest.mark.parametrize("name", ["broken.pkl", "closed.pkl"])
def test_explain_says_where_it_stopped(listing: Cli, name: str) -> None:
    listing.write(name, CLEAN)
    done = listing("explain", name)
    assert done.code == 3
    assert "return v0" in done.out
    assert "sentinel: stopped: " in done.err


def test_explain_of_a_rule_and_of_nothing(cli: Cli) -> None:
    assert cli("explain", "SNT9901") == cli("rules", "SNT9901")
    assert cli("explain", "nowhere.pkl").code == 2
    assert cli("explain").code == 2
    cli.write("folder/a.pkl", CLEAN)
    assert "is a directory" in cli("explain", "folder").err
    cli.write("SNT9901", CLEAN)
    assert "dangerous" not in cli("explain", "SNT9901").out, "a file comes before a rule"


def test_explain_shows_strings_as_long_as_asked_for(cli: Cli) -> None:
    script = f"echo {'a' * 200} && echo end"
    cli.write("a.pkl", f"cos\nsystem\n(S'{script}'\ntR.")
    assert script not in cli("explain", "a.pkl").out
    assert "217 in all" in cli("explain", "a.pkl").out
    assert f"os.system(b'{script}')" in cli("explain", "a.pkl", "--text", "217").out
    assert f"os.system(b'{script}')" in cli("explain", "a.pkl", "--text", "99999999").out
    assert "217 in all" in cli("explain", "a.pkl", "--text", "-5").out
    cli.write("line.pkl", f"cos\nsystem\n(S'echo {'a' * 5_000}'\ntR.")
    assert "b'echo aaa" in cli("explain", "line.pkl").out
    assert "5005 in all" in cli("explain", "line.pkl").out


def test_explain_says_when_there_is_nothing_to_show(cli: Cli) -> None:
    cli.write("none.pkl", "")
    cli.write("a.json", "{}")
    assert cli("explain", "none.pkl").out.endswith("# none.pkl: the file is empty\n")
    assert cli("explain", "a.json").out.startswith("# a.json: ")


def test_rules(cli: Cli) -> None:
    lines = cli("rules").out.splitlines()
    assert lines[0] == (
        "SNT9901  critical  stub-call  A pickle calls a function that runs commands."
    )
    assert len(lines) == 3
    document = json.loads(cli("rules", "-f", "json").out)
    assert [rule["id"] for rule in document["rules"]] == ["SNT9901", "SNT9902", "SNT9903"]
    assert json.loads(cli("rules", "snt9901", "-f", "json").out)["cwe"] == "CWE-502"


def test_one_rule(cli: Cli) -> None:
    done = cli("rules", "snt9901")
    assert done.code == 0
    assert "\nWhy it matters: loading runs it.\n" in done.out
    done = cli("rules", "SNT9904")
    assert done.code == 2
    assert "did you mean SNT990" in done.err
    assert cli("rules", "stub-call") == cli("explain", "STUB-call") == cli("rules", "SNT9901")
    assert "did you mean stub-call?" in cli("rules", "stub-cal").err


def test_a_word_that_is_no_command(cli: Cli) -> None:
    cli.write("models/a.pkl", CLEAN)
    done = cli("models")
    assert (done.code, done.out) == (2, "")
    assert "did you mean `sentinel scan models`?" in done.err
    assert "did you mean `sentinel scan`?" in cli("scna").err


def test_config_show(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.write("sentinel.toml", 'fail-on = "never"\n[limits]\nmax-size = "1GB"\n')
    monkeypatch.setenv("SENTINEL_JOBS", "2")
    lines = {" ".join(line.split()) for line in cli("config", "show").out.splitlines()}
    assert {
        "# settings file: sentinel.toml",
        'fail-on = "never" # sentinel.toml: fail-on',
        "jobs = 2 # SENTINEL_JOBS",
        "max-size = 1073741824 # sentinel.toml: limits.max-size",
        "require-complete = true # default",
    } <= lines
    cli.write("long.toml", f'exclude = ["{"x" * 40}"]')
    assert '"] # long.toml: ' in cli("config", "show", "--config", "long.toml").out
    document = json.loads(cli("config", "show", "--json", "--no-config").out)
    assert document["settings"]["fail-on"] == "high"
    assert document["origins"]["jobs"] == "SENTINEL_JOBS"
    assert cli("config").code == 2


@pytest.mark.parametrize("shell", SHELLS)
def test_completions_know_every_command_and_option(cli: Cli, shell: str) -> None:
    done = cli("completions", shell)
    assert done.code == 0
    assert done == cli("--completions", shell) == cli(f"--completions={shell}")
    for command in COMMANDS:
        assert command.name in done.out
    for word in ("fail-on", "require-complete", "no-require-complete", "max-members", "sarif"):
        assert word in done.out


def test_completions_for_another_shell(cli: Cli) -> None:
    assert cli("completions", "tcsh").code == 2
    assert cli("--completions").code == 2


@pytest.mark.parametrize("shell", SHELLS)
def test_completions_are_correct_shell(cli: Cli, shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(cli("completions", shell).out)
    done = subprocess.run([program, "-n", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["sentinel", "ba"], ["baseline"]),
        (["sentinel", "scan", "--fail-on", "hi"], ["high"]),
        (["sentinel", "scan", "-f", ""], ["text", "json", "sarif", "html"]),
        (["sentinel", "scan", "--require-f"], ["--require-files"]),
        (["sentinel", "baseline", "c"], ["create", "check"]),
        (["sentinel", "scan", "--config", ""], []),
        (["sentinel", "scan", "mod"], []),
    ],
)
def test_bash_completes(cli: Cli, words: list[str], expected: list[str], tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    script = tmp_path / "script"
    quoted = " ".join(f"'{word}'" for word in words)
    script.write_text(
        f"{cli('completions', 'bash').out}\nCOMP_WORDS=({quoted})\nCOMP_CWORD={len(words) - 1}\n"
        '_sentinel\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run([bash, script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == expected
