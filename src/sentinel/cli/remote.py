"""Paths that are addresses in a tracking server: brought here, scanned under their own names."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from ..digests import sha256_of
from ..findings import Report
from ..integrations.inspection import renamed
from ..registry import mlflow
from ..reports import Run
from .runner import Maker

Wrap = Callable[[Maker], Callable[[str], Report]]


class Brought(NamedTuple):
    """What was brought.

    Attributes:
        paths: What to scan in the place of what was asked for.
        names: The local path of each address, and the address.
    """

    paths: list[str]
    names: tuple[tuple[str, str], ...]

    def name(self, path: str) -> str:
        """Return the name of a file for people: below its address, where it has one."""
        for local, address in self.names:
            if path == local:
                return address
            if path.startswith(f"{local}/"):
                return f"{address.rstrip('/')}/{path[len(local) + 1 :]}"
        return path

    def wrap(self, inner: Wrap | None) -> Wrap | None:
        """Return a scanner of a scanner that gives files their names."""
        return partial(_named, self, inner) if self.names else inner

    def run(self, run: Run, asked: Sequence[str]) -> Run:
        """Return a run whose reports bear the names of addresses."""
        if not self.names:
            return run
        reports = tuple(_renamed(one, self.name(one.artifact)) for one in run.reports)
        return run._replace(
            targets=tuple(asked), reports=reports, others=tuple(map(self.name, run.others))
        )


@contextmanager
def brought(paths: Sequence[str], most: int = mlflow.MOST_BYTES) -> Iterator[Brought]:
    """Bring what is behind the addresses among some paths; it is deleted in the end.

    Raises:
        UsageError: MLflow is not installed.
        ReadError: An address leads nowhere.
        LimitExceeded: There is too much behind it.
    """
    if not any(mlflow.is_address(path) for path in paths):
        yield Brought(list(paths), ())
        return
    mlflow.connect()
    folder = tempfile.mkdtemp(prefix="sentinel-")
    try:
        names: list[tuple[str, str]] = []
        wanted = []
        for path in paths:
            local = path
            if mlflow.is_address(path):
                local = mlflow.fetch(path, tempfile.mkdtemp(dir=folder), most)
                names.append((local, path))
            wanted.append(local)
        yield Brought(wanted, tuple(names))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _named(names: Brought, inner: Wrap | None, make: Maker) -> Callable[[str], Report]:
    scan = make() if inner is None else inner(make)
    return partial(_scan, names, scan)


def _scan(names: Brought, scan: Callable[[str], Report], path: str) -> Report:
    report = scan(path)
    name = names.name(path)
    if name == path:
        return report
    if report.findings and not report.sha256:  # it cannot be had by its new name
        report = report._replace(sha256=sha256_of(path))
    return renamed(report, name)


def _renamed(report: Report, name: str) -> Report:
    return report if report.artifact == name else renamed(report, name)
