"""What we think of torch files from before the zip format, beyond their pickles."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding, Severity
from ..formats.pickle.program import PickleProgram
from . import RuleContext, rule

_LISTED = 20


@rule(
    "SNT1159",
    "legacy-weights-only-refused",
    severity=Severity.INFO,
    formats=("pickle",),
    cwe="CWE-502",
)
def legacy_weights_only_refused(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """`torch.load(weights_only=True)` would refuse this file from before the zip format.

    **What.** The file is a checkpoint of PyTorch before 1.6. It needs names that the weights-only
    unpickler of PyTorch 2.13 does not accept by default.

    **Why it matters.** People get past the refusal with `weights_only=False`, which runs whatever
    the pickle says. Nothing is wrong with the file because of this alone.

    **Fix.** Ask for a plain `state_dict`, saved by a current PyTorch.
    """
    if len(program.streams) < 5 or not _is_legacy(program):
        return
    from .torch_weights_only import refusals

    names = refusals(program)
    if names:
        more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        yield context.finding(
            f"torch.load(weights_only=True) refuses this file for {len(names)} reason(s)",
            evidence=", ".join(names[:_LISTED]) + more,
        )


def _is_legacy(program: PickleProgram) -> bool:
    from ..formats.torch_legacy import is_legacy

    return is_legacy(program)
