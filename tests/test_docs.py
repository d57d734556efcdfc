"""The documentation: generated pages in step with the source, links that lead somewhere, commands
and options that exist, examples that run and print what the page says."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from docs.generator.cli import parsers
from docs.generator.notes import notes
from docs.generator.pages import pages, stale
from sentinel.cli import main
from sentinel.findings import Gap
from sentinel.formats import FORMATS
from sentinel.rules import all_rules

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "examples" / "README.md"]
)
OTHER_OPTIONS = {
    "--force-reinstall", "--quick", "--peers", "--version", "--completions", "--dereference",
    "--all-files", "--from-ref", "--to-ref", "--hook-type",
    "--index-url", "--extra-index-url", "--trusted-host", "--cert", "--find-links", "--pre",
    "--hash", "--generate-hashes", "--only-binary", "--no-binary", "--config-settings",
    "--global-option", "--install-option",
}  # fmt: skip
"""Options of pip, of the benchmark, of tar, of pre-commit, and those before a command."""

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> Iterator[str]:
    """Yield the fenced blocks of a page that are marked with a language."""
    for match in re.finditer(r"^```(\w+)\n(.*?)^```$", text_of(page), re.M | re.S):
        if match[1] == language:
            yield match[2]


def anchors(page: Path) -> set[str]:
    """Return the anchors that the headings of a page make."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.M)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}


def console_cases() -> Iterator[tuple[str, str, str]]:
    """Yield page, command and expected output of everything in the console blocks."""
    for page in PAGES:
        for block in blocks(page, "console"):
            for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
                command, _, output = part.partition("\n")
                yield str(page.relative_to(ROOT)), command, output


def options() -> set[str]:
    """Return every option of every command."""
    return {
        option
        for parser in parsers()
        for action in parser._actions
        for option in action.option_strings
    }


def run(command: str, folder: Path = ROOT) -> tuple[int, str]:
    """Run a documented command in a folder; return exit code and output."""
    words = shlex.split(command)
    if words[0] == "python":
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        done = subprocess.run(
            [sys.executable, *words[1:]],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout
    assert words[0] == "sentinel", f"no rule for running {command!r}"
    raw = io.BytesIO()
    output = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(output):
        code = main(words[1:])
    return code, raw.getvalue().decode()


def test_the_generated_pages_are_in_step_with_the_source() -> None:
    assert stale(pages()) == [], "run `make docs`"


def test_each_format_has_a_note() -> None:
    read = {entry.name for entry in FORMATS if entry.parse}
    known = {entry.name for entry in FORMATS}
    missing = sorted(read - notes().keys())
    assert not missing, f"say in docs/generator/formats/*.toml what is judged of {missing}"
    assert sorted(notes().keys() - known) == []
    assert all(all(note) for note in notes().values())


@by_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), f"{page.name}: {target}"
        if anchor and path.suffix == ".md":
            assert anchor in anchors(path), f"{page.name}: {target}"


@by_page
def test_every_option_that_is_mentioned_exists(page: Path) -> None:
    mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text_of(page)))
    assert mentioned <= options() | OTHER_OPTIONS


@by_page
def test_every_rule_that_is_mentioned_exists(page: Path) -> None:
    known = {rule.id for rule in all_rules()}
    assert set(re.findall(r"\bSNT\d{4}\b", text_of(page))) <= known


@by_page
def test_every_make_target_that_is_mentioned_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.M))
    assert set(re.findall(r"`make ([a-z]+)", text_of(page))) <= targets


def test_every_reason_for_a_gap_is_explained() -> None:
    page = text_of(ROOT / "docs" / "concepts" / "coverage.md")
    named = re.search(r"A stable word \((.*?)\)", Gap.__doc__ or "", re.S)
    assert named
    assert re.findall(r"``([a-z-]+)``", named[1])
    for reason in re.findall(r"``([a-z-]+)``", named[1]):
        assert f"| `{reason}` |" in page


def test_every_command_and_option_is_documented() -> None:
    page = text_of(ROOT / "docs" / "reference" / "cli.md")
    for parser in parsers():
        assert f"## `{parser.prog}`" in page
        for action in parser._actions:
            hidden = action.help == argparse.SUPPRESS
            assert hidden or action.help, f"{parser.prog} {action.dest} has no help"
            for option in () if hidden else action.option_strings:
                assert option in page, f"{parser.prog} {option}"


@pytest.mark.parametrize(("page", "command", "output"), list(console_cases()))
def test_console_examples_run(
    page: str, command: str, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if command.startswith(("pip ", "make ", "git ")):
        assert not output, f"{page}: the output of {command!r} cannot be checked"
        return
    monkeypatch.chdir(ROOT)
    code, printed = run(command)
    assert code in (0, 1, 3), f"{page}: {command} gave {code}"
    if output.strip():
        assert printed.strip() == output.strip(), f"{page}: {command}"


@by_page
def test_library_examples_run(page: Path, tmp_path: Path) -> None:
    for name in ("models", "examples"):
        (tmp_path / name).symlink_to(ROOT / "examples")
    for block in blocks(page, "python"):
        if "import" in block:
            code, _ = run(shlex.join(["python", "-W", "error", "-c", block]), tmp_path)
            assert code == 0, f"{page.name}:\n{block}"
