"""What people see of a guard: keys in the summary of a run, a table of findings, and one line."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ...reports.escape import printable
from .runfiles import sweep

if TYPE_CHECKING:
    from .guard import WandbGuard

VERDICT = "sentinel/verdict"
FINDINGS = "sentinel/findings"
TABLE = "sentinel/table"
REPORT = "sentinel/report"
_COLUMNS = ["file", "rule", "severity", "place", "message"]
_MOST_ROWS = 500
_LOG = logging.getLogger("sentinel.wandb")


def tell(guard: WandbGuard, run: Any) -> None:
    """Write what a guard saw into the summary of its run, which is about to end.

    Its verdict and counts, and where there are findings a table of them and the HTML report.

    Nothing here may keep a run from ending.
    """
    try:
        sweep(guard, run)
        guard.boards.catch_up(str(run.id))
        rows = _rows(guard)
        said = {VERDICT: guard.word, FINDINGS: len(rows), "sentinel/checked": guard.checked}
        line = guard.summary()
        run.summary.update(said)
        if rows:
            run.summary[TABLE] = _table(rows)
            if guard.policy.report:
                run.summary[REPORT] = _page(guard, run)
    except Exception:
        _LOG.warning("the summary of the run says nothing of the guard", exc_info=True)
        return
    if not guard.quiet:
        import wandb

        wandb.termlog(line)


def _table(rows: list[list[str]]) -> Any:
    import wandb

    return wandb.Table(columns=_COLUMNS, data=rows[:_MOST_ROWS])


def _page(guard: WandbGuard, run: Any) -> Any:
    """Return the HTML report of what was found, as wandb shows it."""
    import wandb

    from ...reports.html import html_report

    about = {"run": str(run.id), "guard": guard.summary()}
    page = html_report(guard.reports, about=about, fail_on=guard.policy.fail_on)
    return wandb.Html(page, inject=False)


def _rows(guard: WandbGuard) -> list[list[str]]:
    rows = []
    for report in guard.reports:
        for finding in report.findings:
            rows.append(
                [
                    printable(report.artifact, 300),
                    finding.rule_id,
                    finding.severity.label,
                    printable(str(finding.location), 300),
                    printable(finding.message, 500),
                ]
            )
        for gap in report.coverage.gaps:
            place, detail = printable(str(gap.location), 300), printable(gap.detail, 500)
            rows.append([printable(report.artifact, 300), gap.reason, "unknown", place, detail])
    return rows
