"""What we think of notebooks and shell scripts."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.notebook import Notebook
from ..formats.shell_script import ShellScript
from . import RuleContext, rule
from .shell_words import idiom_of

_LISTED = 50


@rule(
    "SNT1484", "script-runs-what-it-fetches", severity=Severity.MEDIUM,
    formats=("shell-script", "notebook"), cwe="CWE-494",
)  # fmt: skip
def runs_fetched(script: ShellScript | Notebook, context: RuleContext) -> Iterator[Finding]:
    """A line of shell runs what nobody has seen, or gives the machine away.

    **What.** `curl … | sh`, `base64 -d | sh`, `/dev/tcp`, `nc -e`, a line added to a login shell or
    a crontab, keys sent away, everything removed: in a script of a shell, of PowerShell or of
    `cmd`, in a Dockerfile, a Makefile, a task of an editor, in a `!` line or a `%%bash` cell of a
    notebook. Downloading and running is reported medium (low where it is the installer of a
    well-known tool), the others high.

    **Why it matters.** Whoever runs the script or the cells does so with their own rights. What is
    downloaded can be another program tomorrow.

    **Fix.** Read the line. Download first, compare a digest, then run.
    """
    count = 0
    image = isinstance(script, ShellScript) and script.image
    places: list[tuple[int | None, str, str]]
    if isinstance(script, Notebook):
        places = [(None, f"cell {line.cell}: ", line.text) for line in script.shell]
    else:
        places = [(line.line, "", line.text) for line in script.lines]
    for number, where, text in places:
        idiom = idiom_of(text)
        if idiom is not None and image and idiom.kind in ("persist", "destroy"):
            continue
        if idiom is not None and count < _LISTED:
            count += 1
            yield context.finding(
                f"a command that {idiom.says}",
                line=number,
                evidence=f"{where}{text}"[:300],
                severity=idiom.severity,
                confidence=Confidence.MEDIUM,
            )


@rule("SNT1485", "notebook-runs-shell", severity=Severity.INFO, formats=("notebook",))
def runs_shell(notebook: Notebook, context: RuleContext) -> Iterator[Finding]:
    """The notebook has lines that go to a shell.

    **What.** `!command`, `%system`, `%%bash`.

    **Why it matters.** Running all cells runs them. Most install packages.

    **Fix.** Nothing, when you know what they are for.
    """
    if notebook.shell:
        listed = "; ".join(line.text.strip()[:80] for line in notebook.shell[:10])
        yield context.finding(
            f"{len(notebook.shell)} line(s) of shell", evidence=listed, confidence=Confidence.HIGH
        )


@rule("SNT1486", "notebook-output-runs", severity=Severity.LOW, formats=("notebook",),
      cwe="CWE-79")  # fmt: skip
def output_runs(notebook: Notebook, context: RuleContext) -> Iterator[Finding]:
    """An output of the notebook holds JavaScript.

    **What.** A saved output of the type `application/javascript`, or HTML with a script.

    **Why it matters.** A viewer that trusts the notebook runs it when the notebook is opened.
    Plotting libraries save such outputs.

    **Fix.** Clear the outputs before the notebook is passed on.
    """
    if notebook.outputs:
        cells = ", ".join(f"cell {one.cell} ({one.kind})" for one in notebook.outputs[:20])
        yield context.finding(
            f"{len(notebook.outputs)} output(s) with JavaScript",
            evidence=cells,
            confidence=Confidence.MEDIUM,
        )
