"""``secure_load``: hold the bytes, scan them, load them; the same bytes all along."""

from __future__ import annotations

import os
import zipfile
from dataclasses import replace

from ...artifacts import Artifact
from ...engine import Scanner
from ...errors import TrustError, UsageError
from ...findings import Report, Severity
from . import data, torch_file, trusted, unpickle
from .held import Held, hold, keep
from .policy import LEVELS, LoadPolicy, LoadResult

_FRAMEWORKS = ("numpy", "torch")
_CONTAINER = "zip"
_CODE = unpickle.FORMATS | {"torch"}
_ZIPS = ("npz", "torch", "skops")
_GO_ON = ("not-allowed", "no-safe-way")


def secure_load(
    path: str | os.PathLike[str],
    *,
    policy: LoadPolicy | None = None,
    level: str | None = None,
    signature: str | os.PathLike[str] | None = None,
    framework: str = "numpy",
) -> LoadResult:
    """Load a model file, in the safest way that the policy allows and the format permits.

    The file is opened once and copied to where nobody else can change it; the copy is hashed,
    scanned, and loaded. By default a format that is data is read as data, and a pickle is made of
    exact names only, none of which runs what the file says. Nothing outside of this call is
    changed: no module is patched, no registry added to.

    A model that loads is not thereby harmless: it may answer wrongly on purpose, and the libraries
    that read it may have faults of their own.

    Args:
        path: The file. A link is refused.
        policy: What may be done; by default levels ``data-only`` and ``allowlist``, no finding of
            medium or above, nothing unexamined.
        level: The one level to use; it must be one of the policy's.
        signature: For level ``trusted``: where the signature is, if not beside the file.
        framework: ``numpy`` or ``torch``: what the tensors of safetensors are given as.

    Returns:
        The object, how it was loaded, the verdict, the digest of its bytes, and the scan.

    Raises:
        TrustError: Refused; ``reason`` says why (``findings``, ``incomplete``, ``no-safe-way``,
            ``not-allowed``, ``unsafe-values``, ``malformed``, ``too-large``, ``symlink`` ...).
            Nothing was loaded.
        SandboxUnavailable: Level ``convert`` was asked for where there is no jail.
        ReadError: The file cannot be read.
        UsageError: The arguments make no sense, or a library is missing.
    """
    rules = _narrowed(policy or LoadPolicy(), level)
    _check_arguments(path, framework)
    with hold(path, rules.max_size) as held:
        report = scan_held(held)
        judge(held.name, report, rules)
        kind = format_of(held, report)
        if kind in _ZIPS:
            _check_expanded(held, rules.max_size)
        return _load(held, report, kind, rules, signature, framework)


def _check_arguments(path: str | os.PathLike[str], framework: str) -> None:
    if framework not in _FRAMEWORKS:
        raise UsageError(f"{framework!r} is no framework", "numpy or torch")
    if os.path.isdir(path):
        raise UsageError(
            f"{os.fsdecode(path)}: a directory; a model is loaded file by file",
            "give each file of weights on its own",
        )


def _check_expanded(held: Held, limit: int) -> None:
    """Refuse an archive whose members are larger than a file may be, before any is unpacked."""
    try:
        with zipfile.ZipFile(held.path) as archive:
            total = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return  # no archive, or one for its reader to refuse
    if total > limit:
        raise TrustError(
            "too-large", f"{held.name}: {total} bytes when it is unpacked",
            "raise max_size to load it",
        )  # fmt: skip


def _narrowed(policy: LoadPolicy, level: str | None) -> LoadPolicy:
    if level is None:
        return policy
    if level not in LEVELS:
        raise UsageError(f"{level!r} is no level", f"one of {', '.join(LEVELS)}")
    if level not in policy.levels:
        raise UsageError(
            f"the policy does not allow level {level!r}", f"LoadPolicy(levels=({level!r},), ...)"
        )
    return replace(policy, levels=(level,))


def scan_held(held: Held) -> Report:
    """Return the scan of the bytes that are held, by the rules of any other scan."""
    with held.reader() as reader:
        report = Scanner().scan_artifact(Artifact(held.name, reader, asked=True))
    return report._replace(sha256=held.digest)


def judge(name: str, report: Report, policy: LoadPolicy) -> None:
    """Raise TrustError for a scan that the policy does not let pass.

    Args:
        name: The file, for the message.
        report: The scan.
        policy: What passes.
    """
    worst = max((one.severity for one in report.findings), default=Severity.INFO)
    if policy.fail_on is not None and report.findings and worst >= policy.fail_on:
        first = next(one for one in report.findings if one.severity == worst)
        raise TrustError(
            "findings",
            f"{name}: {first.rule_id} ({first.severity.label}): {first.message}",
            f"`sentinel scan {name}` says more",
        )
    if policy.require_complete and not report.coverage.complete:
        gap = report.coverage.gaps[0]
        raise TrustError("incomplete", f"{name}: not examined in full: {gap.detail}", gap.hint)


def format_of(held: Held, report: Report) -> str:
    """Return the one format that a file is loaded as.

    Raises:
        TrustError: It is several formats at once (``ambiguous``), or none that is known.
    """
    formats = set(report.formats)
    if formats == {_CONTAINER}:
        return "npz" if held.name.lower().endswith(".npz") else _CONTAINER
    formats.discard(_CONTAINER)
    if len(formats) > 1:
        raise TrustError("ambiguous", f"{held.name}: reads as {', '.join(sorted(formats))} at once")
    if not formats:
        raise TrustError("no-safe-way", f"{held.name}: not a format that is loaded here")
    found = formats.pop()
    return "torch" if found == "pickle" and torch_file.is_legacy(held) else found


def _load(
    held: Held,
    report: Report,
    kind: str,
    policy: LoadPolicy,
    signature: str | os.PathLike[str] | None,
    framework: str,
) -> LoadResult:
    """Load at the first level that can; what an allowlist refuses, a later level may take."""
    refusal: TrustError | None = None
    for level in policy.levels:
        signer = ""
        try:
            if level == "data-only" and kind in data.LOADERS:
                found = data.load(held, kind, framework)
            elif level == "allowlist" and kind in _CODE:
                found = _by_names(held, kind, policy)
            elif level == "convert" and kind in _CODE:
                found = _convert(held, kind, policy, framework)
            elif level == "trusted" and kind in _CODE:
                _judge_trusted(held.name, report, policy)
                signer = trusted.verify(held, policy.keys, signature)
                found = trusted.load(held, kind)
            else:
                continue
        except TrustError as error:
            if error.reason not in _GO_ON or level == policy.levels[-1]:
                raise refusal or error from None
            refusal = error
            continue
        return LoadResult(
            found, level, report.verdict, held.digest, report, kind, signer, policy.relaxed()
        )
    raise refusal or _no_way(held.name, kind, policy)


def _by_names(held: Held, kind: str, policy: LoadPolicy) -> object:
    if kind == "torch":
        return torch_file.load(held, policy.allow)
    return unpickle.load(held, kind, policy.allow, policy.max_size)


def _judge_trusted(name: str, report: Report, policy: LoadPolicy) -> None:
    """Hold the scan against a bound that no policy lifts: nothing high is loaded with its code."""
    bound = Severity.HIGH if policy.fail_on is None else min(policy.fail_on, Severity.HIGH)
    judge(name, report, replace(policy, fail_on=bound))


def _no_way(name: str, kind: str, policy: LoadPolicy) -> TrustError:
    return TrustError(
        "no-safe-way",
        f"{name}: {kind} cannot be loaded at level {' or '.join(policy.levels)}",
        "convert it to safetensors, skops, ONNX or .ubj where it was made",
    )


def _convert(held: Held, kind: str, policy: LoadPolicy, framework: str) -> object:
    """Load a file in a jail and read what comes out of it as data."""
    from ..jail.convert import FORMATS, convert_held, target_of

    to = target_of(held, kind)
    made = convert_held(held, kind, to).data
    with keep(iter((made,)), held.name, policy.max_size, len(made)) as inner:
        report = scan_held(inner)
        if set(report.formats) - {_CONTAINER} != {FORMATS[to]}:
            raise TrustError("unsafe-result", f"{held.name}: what came out of the jail is no {to}")
        judge(held.name, report, policy)
        return data.load(inner, FORMATS[to], framework)
