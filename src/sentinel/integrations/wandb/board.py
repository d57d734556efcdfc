"""TensorBoard's folders as wandb's core may see them: without what must not leave.

The core reads event files while they are written, and uploads the pictures in them. It is shown a
folder of ours instead, with copies of the records that were looked at.
"""

from __future__ import annotations

import logging
import os
import shutil
import stat
import tempfile
import threading
from typing import TYPE_CHECKING

from ...errors import ParseError, SentinelError
from ..blocked import SentinelBlocked
from ..inspection import Inspection
from ..policy import Objection
from .events import MOST_RECORD, after, contents, record_at

if TYPE_CHECKING:
    from .guard import WandbGuard

_PAUSE = 0.5
_BLOCK = MOST_RECORD + 64
_LOG = logging.getLogger("sentinel.wandb")


class Boards:
    """The folders of the runs that a guard holds for.

    Args:
        guard: Says what may pass.
    """

    def __init__(self, guard: WandbGuard) -> None:
        self._guard = guard
        self._bases: dict[str | None, str] = {}
        self._mirrors: dict[str, Mirror] = {}

    def shown(self, stream: str | None, folder: str) -> str:
        """Return what a folder is called for wandb, which names metrics by where files are.

        Args:
            stream: Id of the run.
            folder: The folder.
        """
        if stream not in self._bases:
            self._bases[stream] = tempfile.mkdtemp(prefix="sentinel-board-")
        plain = os.path.splitdrive(os.path.abspath(folder))[1].lstrip("/\\")
        return os.path.join(self._bases[stream], plain)

    def mirrored(self, stream: str | None, folder: str) -> str:
        """Return a folder that is kept up to date with one that TensorBoard writes to."""
        shown = self.shown(stream, folder)
        if shown not in self._mirrors:
            self._mirrors[shown] = Mirror(self._guard, os.path.abspath(folder), shown)
        return shown

    def catch_up(self, stream: str | None) -> None:
        """Copy what was written last for a run."""
        base = self._bases.get(stream)
        for shown, mirror in list(self._mirrors.items()):
            if base is not None and shown.startswith(os.path.join(base, "")):
                mirror.catch_up()

    def stop(self) -> None:
        """Copy no more, and remove the folders."""
        while self._mirrors:
            self._mirrors.popitem()[1].stop()
        while self._bases:
            shutil.rmtree(self._bases.popitem()[1], ignore_errors=True)


class Mirror:
    """A folder of event files that is kept up to date with another, until it is stopped.

    Args:
        guard: Says what may pass.
        source: The folder that a writer of TensorBoard writes to.
        folder: The one that wandb is shown.
    """

    def __init__(self, guard: WandbGuard, source: str, folder: str) -> None:
        self._guard = guard
        self._source = source
        self._folder = folder
        os.makedirs(folder, exist_ok=True)
        self._done: dict[str, int] = {}
        self._given_up: set[str] = set()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._process = os.getpid()
        self._thread = threading.Thread(target=self._follow, daemon=True, name="sentinel-board")
        self._thread.start()

    def catch_up(self) -> None:
        """Copy what was written since the last time."""
        if os.getpid() != self._process:  # the parent does, and its lock may be held here
            return
        with self._lock:
            for name in self._names():
                try:
                    self._copy(name)
                except (OSError, SentinelError) as error:
                    self._given_up.add(name)
                    _LOG.error("%s in %s is left out: %s", name, self._source, error)

    def stop(self) -> None:
        """Copy no more."""
        self._ended.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._ended.wait(_PAUSE):
            self.catch_up()

    def _names(self) -> list[str]:
        try:
            found = os.listdir(self._source)
        except OSError:  # there is none yet
            return []
        return sorted(name for name in found if "tfevents" in name and name not in self._given_up)

    def _copy(self, name: str) -> None:
        path = os.path.join(self._source, name)
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as reader:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ParseError("it is not a file")
            with open(os.path.join(self._folder, name), "ab") as writer:
                while True:
                    start = self._done.get(name, 0)
                    reader.seek(start)
                    passed, read = self._sifted(reader.read(_BLOCK), name)
                    writer.write(passed)
                    self._done[name] = start + read
                    if not read:
                        return

    def _sifted(self, data: bytes, name: str) -> tuple[bytes, int]:
        """Return the whole records that may pass, and how many bytes were looked at."""
        passed, at = bytearray(), 0
        while (found := record_at(data, at)) is not None:
            begin, end = found
            if self._may_pass(data[begin:end], name):
                passed += data[at : after(end)]
            at = after(end)
        return bytes(passed), at

    def _may_pass(self, event: bytes, name: str) -> bool:
        try:
            return all(self._harmless(one.tag, one.data, name) for one in contents(event))
        except SentinelError as error:
            _LOG.error("a record of %s is left out: %s", name, error)
            return False

    def _harmless(self, tag: str, data: bytes, name: str) -> bool:
        called = f"{name}/{tag}"
        with tempfile.TemporaryDirectory(prefix="sentinel-") as aside:
            path = os.path.join(aside, "content")
            try:
                with open(path, "xb") as file:
                    file.write(data)
                found = self._guard.examine({called: path})
                self._guard.judge("log", f"TensorBoard's {tag!r}", found)
            except SentinelBlocked:
                return False
        return True


def unseen(guard: WandbGuard, folder: str) -> None:
    """Remember that a folder is not shown to wandb, as it is none of this machine."""
    objection = Objection("coverage.unread", folder, "it is not on this machine", "")
    try:
        guard.judge("log", "TensorBoard's files", Inspection((), (), {}), (objection,))
    except SentinelBlocked:
        return
