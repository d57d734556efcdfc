"""Judgement: pure functions from a parsed model to findings.

A rule never opens a file. It is one decorated function; its docstring is its documentation page
(what it means, why it matters, how to fix it). To add one, write the function in the family's
module; a family is imported only when a format it judges was met.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple, TypeVar, cast

from ..artifacts import Artifact
from ..findings import Confidence, Finding, Location, Severity

T = TypeVar("T")

RULES_VERSION = "2026.11.26.3"
"""Changes with every change of a rule or table; part of every cache key and report."""

FAMILIES: dict[str, tuple[str, ...]] = {
    "pickle": ("pickle", "pickle_functions", "pickle_shape", "pickle_cost", "torch_pickle"),
    "zip": ("archive", "archive_names", "secrets"),
    "tar": ("archive", "archive_names"),
    "torch": ("torch",),
    "torch-tar": ("torch",),
    "torch-export": ("torch_export",),
    "torchscript": ("torchscript",),
    "python": ("python_source",),
    "model-source": ("model_source",),
    "config-code": ("config_code",),
    "notebook": ("scripts",),
    "shell-script": ("scripts",),
    "bundle": ("bundle",),
    "requirements": ("supply_chain", "supply_chain_places", "typosquat"),
    "parquet": ("columnar",),
    "arrow": ("columnar",),
    "npy": ("numpy",),
    "onnx": ("onnx", "onnx_graph", "graph_files", "secrets"),
    "ort": ("onnx", "onnx_graph", "graph_files", "secrets"),
    "savedmodel": ("tensorflow", "graph_files"),
    "tflite": ("tflite", "graph_files"),
    "coreml": ("coreml",),
    "mlpackage": ("coreml",),
    "paddle": ("other_graphs",),
    "caffe": ("other_graphs",),
    "prototxt": ("other_graphs",),
    "mxnet": ("other_graphs",),
    "mxnet-params": ("other_graphs",),
    "cntk": ("other_graphs",),
    "7z": ("archive", "archive_names"),
    "rar": ("archive", "archive_names"),
    "gzip": ("archive",),
    "bzip2": ("archive",),
    "xz": ("archive",),
    "lzma": ("archive",),
    "zlib": ("archive",),
    "zstd": ("archive",),
    "lz4": ("archive",),
    "zfile": ("archive",),
    "hdf5": ("hdf5",),
    "keras-config": ("keras", "secrets"),
    "skops": ("skops",),
    "r": ("r",),
    "pmml": ("xml_model",),
    "openvino": ("xml_model",),
    "torch7": ("torch7",),
    "safetensors": ("tensors", "secrets"),
    "gguf": ("tensors", "secrets"),
    "model-config": ("model_config",),
    "oci": ("oci",),
    "jinja": ("template", "template_poison"),
    "native": ("native",),
    "llamafile": ("llamafile",),
    "executorch": ("runtimes",),
    "torch-mobile": ("runtimes",),
    "tensorrt": ("runtimes", "secrets"),
    "rknn": ("runtimes",),
    "mnn": ("runtimes",),
    "ncnn": ("runtimes",),
    "msgpack": ("msgpack", "secrets"),
    "zarr": ("msgpack",),
    "xgboost": ("trees", "secrets"),
    "lightgbm": ("trees", "secrets"),
    "catboost": ("trees", "secrets"),
    "pii": ("pii",),
    "advisories": ("advisories",),
    "dataset": ("datasets", "dataset_orders", "dataset_labels"),
}
"""Modules of rules by the format they judge; ``pii`` is what the detector of personal data says,
``advisories`` what a database of known vulnerabilities does, ``dataset`` what a dataset's files
have shown."""

Check = Callable[[Any, "RuleContext"], Iterator[Finding]]


class Rule(NamedTuple):
    """A rule and the function behind it.

    Attributes:
        id: ``SNT`` and four digits; never reused.
        name: Short kebab-case name.
        severity: Default severity of its findings.
        formats: Formats whose model it judges.
        cwe: The weakness it is about (``CWE-502``).
        check: ``(model, context) -> findings``.
        doc: Documentation in Markdown.
    """

    id: str
    name: str
    severity: Severity
    formats: tuple[str, ...]
    cwe: str
    check: Check
    doc: str


class RuleContext:
    """What a rule may know beside the model, and how it makes a finding.

    Attributes:
        artifact: What is judged.
        rule: The rule that runs.
        shared: What rules that judge the same model have worked out so far.
    """

    __slots__ = ("artifact", "rule", "shared")

    def __init__(
        self, artifact: Artifact, rule: Rule, shared: dict[str, object] | None = None
    ) -> None:
        self.artifact = artifact
        self.rule = rule
        self.shared = {} if shared is None else shared

    def once(self, key: str, work: Callable[[], T]) -> T:
        """Return what ``work`` gives, done once for all rules that judge the same model."""
        if key not in self.shared:
            self.shared[key] = work()
        return cast("T", self.shared[key])

    def finding(
        self,
        message: str,
        *,
        offset: int | None = None,
        length: int | None = None,
        line: int | None = None,
        evidence: str = "",
        remedy: str = "",
        severity: Severity | None = None,
        confidence: Confidence = Confidence.HIGH,
        related: tuple[Location, ...] = (),
    ) -> Finding:
        """Return a finding of this rule at a place in this artifact."""
        return Finding(
            self.rule.id,
            message,
            self.rule.severity if severity is None else severity,
            confidence,
            (self.artifact.location(offset, length, line), *related),
            evidence,
            remedy,
        )


def rule(
    id: str, name: str, *, severity: Severity, formats: tuple[str, ...], cwe: str = ""
) -> Callable[[Check], Rule]:
    """Return a decorator that turns a check function into a Rule."""

    def decorate(check: Check) -> Rule:
        return Rule(id, name, severity, formats, cwe, check, check.__doc__ or "")

    return decorate


@cache
def rules_for(format_name: str) -> tuple[Rule, ...]:
    """Return the rules that judge models of a format, importing their modules."""
    found: list[Rule] = []
    for family in FAMILIES.get(format_name, ()):
        found += [entry for entry in _rules_in(family) if format_name in entry.formats]
    return tuple(found)


def all_rules() -> tuple[Rule, ...]:
    """Return every rule there is, by id."""
    families = {family for modules in FAMILIES.values() for family in modules}
    found = {entry.id: entry for family in families for entry in _rules_in(family)}
    return tuple(found[key] for key in sorted(found))


def loaded_rules() -> dict[str, Rule]:
    """Return by id the rules of the families that are imported already: those that judged."""
    families = {family for modules in FAMILIES.values() for family in modules}
    loaded = [family for family in families if f"{__name__}.{family}" in sys.modules]
    return {entry.id: entry for family in loaded for entry in _rules_in(family)}


def _rules_in(family: str) -> list[Rule]:
    module = import_module(f"{__name__}.{family}")
    return [value for value in vars(module).values() if isinstance(value, Rule)]
