"""What we think of PyTorch's pickles beyond what they call: what loaders do with their content."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding, Severity
from ..formats.pickle.literals import elements
from ..formats.pickle.program import PickleProgram
from ..formats.pickle.values import Call, Container, Value
from . import RuleContext, rule

_LISTED = 20
_INSTANTIATOR = "_instantiator"
_PARAMETERS = frozenset(
    ("hyper_parameters", "hparams", "module_arguments", "datamodule_hyper_parameters")
)
_OF_LIGHTNING = frozenset(
    f"{package}.cli.instantiate_module"
    for package in ("lightning.pytorch", "pytorch_lightning", "lightning_fabric")
)


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


@rule(
    "SNT1164",
    "checkpoint-names-instantiator",
    severity=Severity.MEDIUM,
    formats=("pickle",),
    cwe="CWE-470",
)
def names_instantiator(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """A checkpoint of Lightning names the function that makes the model from it.

    **What.** The hyper-parameters of a checkpoint hold `_instantiator`, and it is not the function
    that Lightning's own command line writes there.

    **Why it matters.** `load_from_checkpoint` imports that name and calls it with the model's class
    and the other hyper-parameters, with `weights_only=True` as well: the checkpoint needs no
    pickled code to have any function called.

    **Fix.** Do not load the checkpoint unless the function named is one of your own.
    """
    if _INSTANTIATOR.encode() not in program.data:
        return
    for stream in program.streams:
        for key, value in _pairs(program, stream.result):
            if key in _PARAMETERS:
                yield from _instantiators(program, context, value, stream.start)


def _instantiators(
    program: PickleProgram, context: RuleContext, parameters: Value, start: int
) -> Iterator[Finding]:
    from .config_names import judge_name

    for key, value in _pairs(program, parameters):
        name = program.fold(value) if key == _INSTANTIATOR else None
        if key != _INSTANTIATOR or name in _OF_LIGHTNING:
            continue
        judged = judge_name(name) if isinstance(name, str) else None
        severity = Severity.MEDIUM if judged is None else judged.severity or Severity.LOW
        reason = f", which {judged.reason}" if judged is not None and judged.reason else ""
        yield context.finding(
            f"Lightning calls {name or 'what is not told'} to make the model{reason}",
            offset=program.offset(value if type(value) is int else start),
            evidence=f"{_INSTANTIATOR}: {name}"[:300],
            severity=severity,
            remedy="Do not load this checkpoint unless the function is one of your own.",
        )


def _pairs(program: PickleProgram, value: Value | None) -> Iterator[tuple[object, Value]]:
    """Yield keys and values of a dict, or of an object that has items or a state of them."""
    items: list[Value] = []
    if type(value) is Call:
        items = list(value.items or ())
        for state in value.states or ():
            yield from _pairs(program, state)
    elif type(value) is Container and value.kind == "dict":
        items = elements(program.data, value)
    for key, held in zip(items[::2], items[1::2], strict=False):
        yield program.fold(key), held
