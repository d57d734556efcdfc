"""``WandbGuard``: what it lets pass, and what it remembers of what it saw."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING

from ...errors import UsageError
from ...findings import Coverage, Gap, Location, Report, Verdict
from ...rules import RULES_VERSION
from .. import quarantine
from ..blocked import SentinelBlocked, blocked
from ..inspection import Inspection
from ..policy import GuardPolicy, Objection
from .board import Boards
from .opened import OPEN, Opening
from .sealing import Sealed, prune

if TYPE_CHECKING:
    from types import TracebackType

ON_BLOCK = ("raise", "warn", "quarantine")
MODES = ("off", "warn", "block")
_ORDER = list(Verdict)
_MOST_KEPT = 1_000
_MOST_SEALED = 100_000
_LOG = logging.getLogger("sentinel.wandb")


class WandbGuard:
    """Scans what wandb uploads and downloads, and stops what must not pass.

    Give it to ``wandb.init(sentinel_guard=...)``, where it holds until the run ends, or enter it
    as a context manager, where it holds for the block and for downloads without a run too.

    Args:
        policy: What is let through; the default blocks findings of high severity or worse, and
            whatever could not be examined in full.
        on_block: ``raise`` SentinelBlocked; ``quarantine`` to keep a copy of what is blocked as
            well; ``warn`` to tell it and let it through.
        fail_closed: Whether what could not be scanned is blocked.
        pii: What is done with personal data and credentials in files: ``off``, ``warn`` or
            ``block``.
        datasets: What is done with what the validation of datasets says of artifacts of type
            ``dataset``: ``off``, ``warn`` or ``block``. As ``block`` it goes by the policy.
        all_runs: Whether it holds for all runs of the process, not only for its own.
        live: Whether files that were saved with the policies ``live`` and ``end`` are uploaded as
            they are later, when nothing scans them; when not, as they are when they are saved.
        tensorboard: Whether TensorBoard's own files are uploaded, which nothing can scan as they
            are written; when not, only the metrics read from them and the pictures that may pass.
        quiet: Whether the line at the end is left out.

    Raises:
        ImportError: wandb is not installed.
        UsageError: A choice is none of those there are.
    """

    def __init__(
        self,
        policy: GuardPolicy | None = None,
        *,
        on_block: str = "raise",
        fail_closed: bool = True,
        pii: str = "off",
        datasets: str = "block",
        all_runs: bool = True,
        live: bool = False,
        tensorboard: bool = False,
        quiet: bool = False,
    ) -> None:
        _check("on_block", on_block, ON_BLOCK)
        _check("pii", pii, MODES)
        _check("datasets", datasets, MODES)
        if "wandb" not in sys.modules and find_spec("wandb") is None:
            raise ImportError(
                "WandbGuard needs wandb, which is not installed: "
                "pip install 'sentinel-mlsecops[wandb]'"
            )
        self.policy = policy or GuardPolicy()
        self.on_block = on_block
        self.fail_closed = fail_closed
        self.pii = pii
        self.datasets = datasets
        self.all_runs = all_runs
        self.live = live
        self.tensorboard = tensorboard
        self.quiet = quiet
        self.blocks: list[SentinelBlocked] = []
        self.reports: list[Report] = []
        self.checked = 0
        self.verdict = Verdict.CLEAN
        self._lock = Lock()
        self._entered: list[Opening] = []
        self._stages: list[str] = []
        self.boards = Boards(self)
        self._sealed: dict[str, Sealed] = {}

    def __enter__(self) -> WandbGuard:
        self._entered.append(self.opened())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closed(self._entered.pop())

    def opened(self) -> Opening:
        """Open this guard once more."""
        from .install import install

        return OPEN.enter(self, install)

    def closed(self, opening: Opening) -> None:
        """Close what was opened."""
        from .install import remove

        OPEN.leave(opening, remove)
        for root in self._stages:
            prune(root)
        if all(one.guard is not self for one in OPEN):
            self.boards.stop()

    def staged(self, root: str, files: Iterable[Sealed]) -> None:
        """Remember a folder of sealed files, to remove it once wandb has emptied it."""
        with self._lock:
            self._stages.append(root)
            self._sealed.update((one.path, one) for one in files)
            while len(self._sealed) > _MOST_SEALED:
                del self._sealed[next(iter(self._sealed))]

    def sealed(self, path: str) -> Sealed | None:
        """Return what is known of a file that was sealed before."""
        with self._lock:
            return self._sealed.get(path)

    def forked(self) -> None:
        """Start afresh with a lock that no thread of the parent holds."""
        self._lock = Lock()
        self.boards = Boards(self)

    def examine(self, files: Mapping[str, str], *, top: str = "", kind: str = "") -> Inspection:
        """Scan files.

        Args:
            files: Paths by the names they are to have in reports.
            top: The folder they lie in, for what is said of a dataset as a whole.
            kind: Type of the artifact they belong to.
        """
        from .looking import look

        return look(files, self, top=top, kind=kind)

    def judge(
        self, action: str, what: str, found: Inspection, more: tuple[Objection, ...] = ()
    ) -> None:
        """Remember what was found, and raise where it may not pass.

        Args:
            action: What is about to be done: ``log`` or ``load``.
            what: What is logged or loaded, as the user calls it.
            found: What the scan says.
            more: Objections that no policy accepts.

        Raises:
            SentinelBlocked: It may not pass.
        """
        objections = [*more, *self._objections(found)]
        self._note(found)
        if not objections:
            return
        error = _error(action, what, found, objections)
        if self.on_block == "warn" and not more:
            _LOG.warning("%s", error.message)
            return
        if self.on_block == "quarantine":
            quarantine.keep(error, found)
        with self._lock:
            self.blocks.append(error)
        _LOG.error("%s", error.message)
        raise error

    def missed(self, names: list[str]) -> None:
        """Remember files that pass without anybody having seen them."""
        detail = "a reference to somewhere else, which is not fetched"
        for name in names:
            gap = Gap("unread", Location(name), detail)
            report = Report(name, (), (), Coverage(gaps=(gap,)), Verdict.INCOMPLETE, RULES_VERSION)
            self._note(Inspection((report,), (), {}))

    def _objections(self, found: Inspection) -> list[Objection]:
        every = list(self.policy.objections(found))
        if self.fail_closed:
            return every
        return [one for one in every if not one.rule.startswith("coverage.")]

    def _note(self, found: Inspection) -> None:
        telling = [one for one in found.reports if one.verdict is not Verdict.CLEAN]
        with self._lock:
            self.checked += len(found.paths)
            self.verdict = max(self.verdict, found.verdict, key=_ORDER.index)
            self.reports += telling[: _MOST_KEPT - len(self.reports)]

    def summary(self) -> str:
        """Return what happened so far in one line."""
        return (
            f"sentinel: W&B: {self.checked} files checked, {len(self.blocks)} blocked; "
            f"verdict: {self.word}"
        )

    @property
    def word(self) -> str:
        """The verdict in a word: ``blocked`` where anything was."""
        return "blocked" if self.blocks else self.verdict.value


def _error(
    action: str, what: str, found: Inspection, objections: list[Objection]
) -> SentinelBlocked:
    first = objections[0]
    done = {"log": "logged", "load": "downloaded"}[action]
    more = f" ({len(objections) - 1} more)" if len(objections) > 1 else ""
    message = f"{what} was not {done}: {first.artifact}: {first.rule}: {first.text}{more}"
    return blocked(
        message,
        first.hint,
        action=action,
        artifact=first.artifact,
        rule=first.rule,
        reports=found.reports,
    )


def _check(name: str, given: str, choices: tuple[str, ...]) -> None:
    if given not in choices:
        raise UsageError(f"{name} is one of {', '.join(choices)}, not {given!r}")
