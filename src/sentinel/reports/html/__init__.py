"""One page that holds everything: it opens from a disk, and needs no network and no script.

The page says what it may do in a policy of its own (``default-src 'none'``; one style and one
script, by their digests), so that markup which came through could load and run nothing. It is
plain ASCII, keeps nothing in the browser, and so works in a sandboxed frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...findings import Report, Severity
from ...verdicts import exit_code
from ..run import Run, View
from .page import page

__all__ = ["html_report", "render"]


def render(run: Run, view: View) -> Iterator[str]:
    """Yield the page; ``view`` says whether accepted findings are in it."""
    for part in page(run, include_suppressed=view.include_suppressed, about={}):
        yield part.encode("ascii", "xmlcharrefreplace").decode("ascii")


def html_report(
    reports: Iterable[Report],
    *,
    targets: Iterable[str] = (),
    root: str = "/",
    about: Mapping[str, str] | None = None,
    fail_on: Severity | None = Severity.HIGH,
    started: float = 0.0,
    finished: float = 0.0,
    noun: str = "model file",
    include_suppressed: bool = False,
) -> str:
    """Return the page about some reports, for those who have no run of the command line.

    ``sentinel.explain.with_listings`` adds the code of pickles to a report of a file.

    Args:
        reports: The reports.
        targets: What was to be scanned, for the heading.
        root: Directory that names are shown relative to.
        about: Further facts for the heading, by name (a run, a decision).
        fail_on: Lowest severity that counts as failing; None to say nothing about it.
        started: Start of the scan, in seconds since the epoch; 0 to name no time.
        finished: Its end, likewise.
        noun: What the files are called.
        include_suppressed: Whether accepted findings are shown too.

    Returns:
        The page, in ASCII; the same for the same arguments.
    """
    listed = tuple(sorted(reports, key=lambda report: report.artifact))
    run = Run(
        targets=tuple(targets),
        reports=listed,
        others=(),
        root=root,
        exit_code=exit_code(listed, fail_on),
        fail_on=fail_on,
        started=started,
        finished=finished,
        noun=noun,
    )
    parts = page(run, include_suppressed=include_suppressed, about=about or {})
    return "".join(parts).encode("ascii", "xmlcharrefreplace").decode("ascii")
