"""What a name in a configuration would give whoever wrote the configuration.

Configurations name ordinary classes of ordinary libraries by the thousand, so a name counts when
it is a known sink, when a table holds it by hand, when it is another name of one of those, or when
the standard library's table knows what it does. The rest is told from the libraries that such
files always name.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import NamedTuple

from ..findings import Severity
from .import_index import index
from .imports import Judgement, Standing, judge
from .source_sinks import effect_of

_EFFECTS = {
    "command": (Severity.CRITICAL, "runs a command"),
    "code": (Severity.CRITICAL, "runs Python code"),
    "gadget": (Severity.CRITICAL, "runs Python code or a command"),
    "native": (Severity.CRITICAL, "loads native code"),
    "stage": (Severity.HIGH, "deserialises data that may run code"),
    "network": (Severity.HIGH, "opens the network"),
    "remove": (Severity.HIGH, "removes files"),
    "open": (Severity.HIGH, "opens any file"),
    "write": (Severity.HIGH, "writes any file"),
}
_CAPABILITIES = {
    "execute": (Severity.CRITICAL, "runs code or commands"),
    "load-code": (Severity.CRITICAL, "loads native code"),
    "deserialise": (Severity.HIGH, "deserialises data that may run code"),
    "import": (Severity.HIGH, "imports or looks up what it is told"),
    "introspect": (Severity.HIGH, "reaches the interpreter's state"),
    "network": (Severity.HIGH, "opens the network"),
    "file": (Severity.MEDIUM, "reads, writes or removes files"),
    "process": (Severity.MEDIUM, "acts on the process"),
}
_LIBRARIES = frozenset(
    (
        "torch", "torchvision", "torchaudio", "torchmetrics", "torchdata", "torchtext", "lightning",
        "pytorch_lightning", "lightning_fabric", "nemo", "nemo_run", "megatron", "transformers",
        "diffusers", "accelerate", "peft", "timm", "monai", "hydra", "omegaconf", "numpy", "scipy",
        "sklearn", "pandas", "datasets", "tokenizers", "sentence_transformers", "spacy", "thinc",
        "keras", "tensorflow", "jax", "flax", "optax", "xgboost", "lightgbm", "catboost",
        "ultralytics", "ray", "wandb", "mlflow", "fairseq", "fairseq2", "espnet", "espnet2",
        "speechbrain", "pyannote", "kornia", "albumentations", "einops", "bitsandbytes",
        "torch_geometric", "gymnasium", "stable_baselines3", "open_clip", "mmcv", "mmdet",
        "mmengine", "detectron2", "torchtune", "litgpt", "collections", "pathlib", "argparse",
        "pymdownx", "material", "materialx", "mkdocs", "typing", "datetime", "decimal", "random",
        "schedulefree", "ignite", "skorch", "gpytorch", "botorch", "sb3_contrib", "xformers",
    )
)  # fmt: skip
_HUBS = ("torch.hub.",)
_LISTERS = frozenset(("hydra.utils.get_method", "hydra.utils.get_class", "hydra.utils.get_object"))


class NameJudgement(NamedTuple):
    """What is thought of a name.

    Attributes:
        severity: How bad it is where the name is called; None when nothing speaks against it.
        reason: Why, in words.
        known: True when the name belongs to a library that configurations always name.
    """

    severity: Severity | None
    reason: str
    known: bool


@lru_cache(maxsize=4096)
def judge_name(path: str) -> NameJudgement:
    """Judge a dotted name that a configuration has looked up.

    Args:
        path: ``module.name``; a name without a dot is a built-in function.
    """
    path = path.strip()
    if path and "." not in path:
        path = f"builtins.{path}"
    top = path.partition(".")[0]
    if path.startswith(_HUBS):
        return NameJudgement(Severity.MEDIUM, "downloads code and runs it", True)
    if path in _LISTERS:
        return NameJudgement(None, "", True)
    effect = effect_of(path)
    if effect:
        severity, reason = _EFFECTS[effect]
        return NameJudgement(severity, reason, False)
    found = _by_tables(path, top)
    if found is not None and found.capability in _CAPABILITIES:
        severity, reason = _CAPABILITIES[found.capability]
        return NameJudgement(severity, found.reason or reason, False)
    return NameJudgement(None, "", top in _LIBRARIES or top in sys.stdlib_module_names)


def of_library(path: str) -> bool:
    """Return True for a name in a library that such files ordinarily name.

    Args:
        path: A module, or a name in one.
    """
    return path.partition(".")[0] in _LIBRARIES


def _by_tables(path: str, top: str) -> Judgement | None:
    standard = top in sys.stdlib_module_names
    parts = path.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        module, name = ".".join(parts[:cut]), ".".join(parts[cut:])
        entry = index().entry(module, name)
        if entry is not None and entry.kind in "sh":
            return None
        judged = judge(module, name)
        if judged.standing is not Standing.DANGEROUS:
            continue
        by_hand = entry is not None and entry.kind == "d"
        if standard or by_hand or _leads_to_standard(judged):
            return _tempered(judged, standard)
    return None


def _leads_to_standard(judged: Judgement) -> bool:
    return judged.through.partition(".")[0] in sys.stdlib_module_names


def _tempered(judged: Judgement, standard: bool) -> Judgement | None:
    """Leave out what ordinary configurations ask libraries for: data from files and the net."""
    ordinary = not standard and not judged.through and judged.capability in ("file", "network")
    return None if ordinary else judged
