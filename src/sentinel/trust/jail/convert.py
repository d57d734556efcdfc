"""Turns a model that runs code into one that is data: scan, load in the jail, scan what comes."""

from __future__ import annotations

import hashlib
import mmap
import os
from dataclasses import dataclass

from ...errors import TrustError, UsageError
from ...findings import Report, Severity, Verdict
from ...limits import GIB
from ..extras import need
from ..load import unpickle
from ..load.held import Held, hold, keep
from ..load.secure import format_of, scan_held
from .limits import JailLimits
from .spawn import Made, run

TARGETS = {"skops": ".skops", "safetensors": ".safetensors", "ubj": ".ubj"}
"""What a model can be converted to, with its suffix."""
_MODULES = {"skops": "skops", "safetensors": "safetensors", "ubj": "xgboost"}
FORMATS = {"skops": "skops", "safetensors": "safetensors", "ubj": "xgboost"}
"""What a scan calls each of them."""
_LARGEST = 64 * GIB


@dataclass(frozen=True, slots=True)
class Converted:
    """A model that was converted.

    Attributes:
        data: The new file's bytes.
        to: Its format.
        source_sha256: Digest of the bytes that were loaded in the jail.
        sha256: Digest of the new bytes.
        type: What the jailed process says the model was; a claim.
        taken: Where in the model the tensors were, as the process says; empty for the whole.
        left_out: Names that hold no tensor and are not in the new file, a hundred at most.
        source_report: The scan of what went in.
        report: The scan of what came out.
    """

    data: bytes
    to: str
    source_sha256: str
    sha256: str
    type: str
    taken: str
    left_out: tuple[str, ...]
    source_report: Report
    report: Report


def convert(
    path: str | os.PathLike[str], to: str, *, limits: JailLimits | None = None
) -> Converted:
    """Convert a pickle, a joblib file or a PyTorch checkpoint to a format that is data.

    The file is copied to where nobody else can change it, and scanned. It is then loaded in a
    process that can read libraries and nothing else, with no network, no other process and no file
    to write to, and what that process makes is scanned in its turn.

    Args:
        path: The file. A link is refused.
        to: ``skops`` (scikit-learn and alike), ``safetensors`` (tensors by name) or ``ubj``
            (XGBoost).
        limits: What the process may use.

    Returns:
        The new bytes, and what is known of both files. Nothing is written.

    Raises:
        SandboxUnavailable: There is no jail here; nothing weaker was used.
        TrustError: The file is malicious or its format is not converted (``findings``,
            ``no-safe-way``), it could not be converted (``not-convertible``, ``jail-limit``,
            ``jail-stopped``), or what came out does not pass a scan (``unsafe-result``).
        ReadError: The file cannot be read.
        UsageError: There is no such target, or its library is missing.
    """
    if to not in TARGETS:
        raise UsageError(f"{to!r} is nothing to convert to", f"one of {', '.join(TARGETS)}")
    with hold(path, _LARGEST) as held:
        source = scan_held(held)
        _refuse_malice(held.name, source)
        made = convert_held(held, format_of(held, source), to, limits)
        return _checked(held, made, to, source)


def convert_held(held: Held, kind: str, to: str, limits: JailLimits | None = None) -> Made:
    """Convert a copy that was scanned. Raises as ``convert`` does, but for the scans.

    Args:
        held: The copy.
        kind: Its format, as a scan names it.
        to: What to convert it to.
        limits: What the process may use.
    """
    if kind != "torch" and kind not in unpickle.FORMATS:
        raise TrustError(
            "no-safe-way",
            f"{held.name}: {kind} is not converted",
            "pickles, joblib's files and PyTorch checkpoints are",
        )
    loader = "torch" if kind == "torch" else "pickle"
    need("safe" if to != "ubj" else "", _MODULES[to])
    if loader == "torch":
        need("", "torch")
    return run(held.descriptor, loader, to, held.name, limits or JailLimits())


def target_of(held: Held, kind: str) -> str:
    """Return what a model is best converted to.

    Args:
        held: The copy of its file.
        kind: Its format, as a scan names it.
    """
    if kind == "torch":
        return "safetensors"
    found = held.view().obj
    return "ubj" if isinstance(found, mmap.mmap) and found.find(b"xgboost.core") >= 0 else "skops"


def _refuse_malice(name: str, report: Report) -> None:
    if report.verdict is Verdict.MALICIOUS:
        worst = max(report.findings, key=lambda one: one.severity)
        raise TrustError(
            "findings",
            f"{name}: {worst.rule_id}: {worst.message}",
            "a model that is known to be malicious is not loaded, not in the jail either",
        )


def _checked(held: Held, made: Made, to: str, source: Report) -> Converted:
    name = held.name + TARGETS[to]
    with keep(iter((made.data,)), name, len(made.data), len(made.data)) as inner:
        report = scan_held(inner)
        if set(report.formats) - {"zip"} != {FORMATS[to]}:
            seen = ", ".join(report.formats) or "nothing that is known"
            raise _unsafe(held.name, f"reads as {seen}, not as {to}")
        worst = max((one.severity for one in report.findings), default=Severity.INFO)
        if worst >= Severity.MEDIUM:
            first = next(one for one in report.findings if one.severity == worst)
            raise _unsafe(held.name, f"{first.rule_id}: {first.message}")
        if not report.coverage.complete:
            raise _unsafe(held.name, f"was not examined in full: {report.coverage.gaps[0].detail}")
    return Converted(
        made.data, to, held.digest, hashlib.sha256(made.data).hexdigest(), made.type, made.taken,
        made.left_out, source, report,
    )  # fmt: skip


def _unsafe(name: str, why: str) -> TrustError:
    return TrustError("unsafe-result", f"{name}: what came out of the jail {why}", "")
