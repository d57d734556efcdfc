"""Real torch files, and ways to change single members of them."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import torch

from sentinel import scan_bytes
from sentinel.artifacts import Artifact
from sentinel.findings import Report, Severity
from sentinel.formats import Parsed
from sentinel.limits import Budget
from sentinel.readers import MemoryReader

PAYLOAD = b"cposix\nsystem\n(S'echo sentinel-marker'\ntR."
"""Would print a marker if it were ever loaded, which no test does."""

Change = bytes | None


def saved(value: Any, **options: Any) -> bytes:
    """Return what ``torch.save`` writes."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.save(value, buffer, **options)
    return buffer.getvalue()


def scripted(module: torch.nn.Module, *example: Any) -> bytes:
    """Return what ``torch.jit.save`` writes of a module, traced where there is an example."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = torch.jit.trace(module, example) if example else torch.jit.script(module)
        torch.jit.save(made, buffer)
    return buffer.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    """Return the members of a zip archive by the name below its root."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def rewritten(
    data: bytes,
    changes: Mapping[str, Change] | None = None,
    *,
    rename: Mapping[str, str] | None = None,
    deflate: Callable[[str], bool] = lambda name: False,
    root: str = "archive",
) -> bytes:
    """Return an archive with other members.

    Args:
        data: The archive.
        changes: New content by name below the root; None takes the member out.
        rename: New names, below the root, by old ones.
        deflate: Says which members are compressed.
        root: The folder everything is put in.
    """
    parts: dict[str, Change] = {**members(data), **(changes or {})}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            if content is not None:
                kept = (rename or {}).get(name, name)
                method = zipfile.ZIP_DEFLATED if deflate(name) else zipfile.ZIP_STORED
                archive.writestr(zipfile.ZipInfo(f"{root}/{kept}"), content, method)
    return buffer.getvalue()


def ids(report: Report, least: Severity = Severity.MEDIUM) -> set[str]:
    """Return the rules that found something at or above a severity."""
    return {found.rule_id for found in report.findings if found.severity >= least}


def scan(data: bytes, name: str = "model.pt") -> Report:
    """Scan bytes and insist that nothing of ours failed."""
    report = scan_bytes(data, name)
    assert not [gap for gap in report.coverage.gaps if gap.reason == "internal"], report.coverage
    return report


def parsed(parse: Callable[[Artifact, Budget], Parsed], data: bytes, name: str = "x") -> Parsed:
    """Run a parser on bytes."""
    return parse(Artifact(name, MemoryReader(data)), Budget())
