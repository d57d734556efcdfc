"""What we think of a Keras configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.keras_config import KerasCode, KerasConfig, KerasObject, KerasText
from . import RuleContext, rule
from .imports import Standing, judge
from .keras_names import Known, is_class, known

_LISTED = 50
_PLAIN = frozenset(
    (
        "__tensor__", "__numpy__", "__bytes__", "__ellipsis__", "__slice__", "__keras_tensor__",
        "__tuple__", "__lambda__", "__typespec__", "__none__", "TensorShape", "TypeSpec",
        "CompositeTensor", "__dict__", "function",
    )
)  # fmt: skip
_PACKAGES = ("keras", "tf_keras", "keras_hub", "keras_nlp", "keras_cv", "keras_tuner", "keras_core")
_LEAVES = re.compile(r"\A\s*(?:[\\/~]|[A-Za-z]:[\\/]|\w[\w+.-]*://)|(?:\A|[\\/])\.\.(?:[\\/]|\Z)")
_URL = re.compile(r"\A\s*(?!file:)[A-Za-z][\w+.-]*://")
_READS = frozenset(("vocabulary", "filepath", "handle", "origin"))
_GRAPH_FILES = re.compile(
    r"(?:\A|\.)(?:read_file|write_file|matching_files|py_func(?:tion)?|numpy_function|save|restore"
    r"|load_op_library|load_library|ReadFile|WriteFile|MatchingFiles|(?:Eager)?PyFunc(?:Stateless)?)"
    r"\Z"
)
_WORD = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\Z")
_SAFE_MODE = (
    "Do not load it. Keras 3 refuses this in safe mode, its default; for `.h5` files the mode is "
    "ignored before 3.11.3, and Keras 2 does not have it before 2.13."
)


@rule("SNT1430", "keras-lambda-code", severity=Severity.CRITICAL, formats=("keras-config",),
      cwe="CWE-502")  # fmt: skip
def lambda_code(model: KerasConfig, context: RuleContext) -> Iterator[Finding]:
    """The configuration carries compiled Python code.

    **What.** A `Lambda` layer, or another object that takes a function, holds a function by value:
    marshalled bytecode in base64. It does not matter how deep it is wrapped (`TimeDistributed`,
    `Bidirectional`, a model in a model).

    **Why it matters.** Loading the model unmarshals the code and building it calls the layer, so
    the code runs while the model is loaded. Keras refuses this only in safe mode: the default for
    `.keras` files since 2.13; for `.h5` files the mode was ignored before 3.11.3 (CVE-2025-9905).

    **Fix.** Ask for a model in which the layer is a registered class, or weights alone and the code
    as source that you can read.
    """
    seen: set[str] = set()
    for code in _codes(model)[:_LISTED]:
        parent = code.place.rpartition(".")[0]
        if parent in seen and not code.size:
            continue
        seen.add(parent)
        names = ", ".join(code.names[:12])
        yield context.finding(
            f"loading runs the Python code at {code.place or 'the top'}",
            evidence=f"{code.place}: {code.size} bytes" + (f", names {names}" if names else ""),
            remedy=_SAFE_MODE,
        )


def _codes(model: KerasConfig) -> list[KerasCode]:
    """Return the codes, those whose bytes were seen first."""
    bare = [
        KerasCode(entry.place, 0, ()) for entry in model.objects if entry.class_name == "__lambda__"
    ]
    found = sorted(model.code, key=lambda code: -code.size)
    parents = {code.place.rpartition(".config")[0] for code in found}
    return found + [code for code in bare if code.place not in parents]


@rule("SNT1431", "keras-foreign-object", severity=Severity.CRITICAL, formats=("keras-config",),
      cwe="CWE-470")  # fmt: skip
def foreign_object(model: KerasConfig, context: RuleContext) -> Iterator[Finding]:
    """An object of the configuration is looked up in a module that has nothing to do with Keras.

    **What.** `module` and `class_name` name a function or class of Python's library or of another
    package: `os.system`, `builtins.exec`, `subprocess.Popen`, a function of Keras that downloads
    files or switches its own safety off.

    **Why it matters.** Keras before 3.9 imports whatever module is named and calls the object with
    settings from the file, in safe mode too (CVE-2025-1550, CVE-2025-8747, CVE-2025-9906). Names no
    table knows are of medium severity: importing a module runs its code.

    **Fix.** Do not load the model. For classes of your own, register them
    (`keras.saving.register_keras_serializable`) and save the model again.
    """
    for entry in model.objects[:100_000]:
        told = _foreign(entry)
        if told is not None:
            severity, reason = told
            name = f"{entry.module}.{entry.function or entry.class_name}"
            yield context.finding(
                f"the configuration asks for {name}: {reason}",
                evidence=f"{entry.place or 'top'}: {name}",
                severity=severity,
                remedy="Do not load this model.",
            )


def _foreign(entry: KerasObject) -> tuple[Severity, str] | None:
    """Return what is wrong with where an object comes from, or None."""
    name = entry.function or entry.class_name
    if not entry.module:
        return None
    package = entry.module.partition(".")[0]
    if package in _PACKAGES or entry.module.startswith("tensorflow.python.keras"):
        return _of_keras(entry, name)
    if entry.module == "builtins" and entry.class_name in _PLAIN:
        return _bare(name) if entry.class_name == "function" else None
    judgement = judge(entry.module, name)
    if judgement.standing is Standing.DANGEROUS:
        return Severity.CRITICAL, judgement.reason
    if judge(entry.module, "").standing is Standing.DANGEROUS:
        return Severity.CRITICAL, f"a name of {entry.module}"
    if entry.module == "builtins":
        return Severity.HIGH, "a built-in of Python, not a layer"
    if entry.module == "__main__" or ">" in entry.registered or package == "tensorflow":
        return None
    if package in _OWN:
        return None
    return Severity.MEDIUM, "no table knows it, and old versions of Keras import it"


_OWN = frozenset(
    ("tensorflow_hub", "tensorflow_probability", "tensorflow_addons", "tensorflow_text")
)


def _of_keras(entry: KerasObject, name: str) -> tuple[Severity, str] | None:
    told = known(entry.module, name)
    if told is Known.REFUSED:
        opens = name == "enable_unsafe_deserialization"
        reason = "switches the safe mode off" if opens else "does something other than model"
        return Severity.CRITICAL if opens else Severity.HIGH, reason
    if told is Known.UNRELATED:
        return Severity.MEDIUM, "a function of Keras that is no part of a model"
    return None


def _bare(name: str) -> tuple[Severity, str] | None:
    """Judge a function by name that Keras looks for among its own."""
    judgement = judge("builtins", name) if name.isidentifier() else judge(*_split(name))
    if judgement.standing is Standing.DANGEROUS and not is_class(name):
        return Severity.HIGH, judgement.reason
    return None


def _split(name: str) -> tuple[str, str]:
    module, _, last = name.rpartition(".")
    return module, last


@rule("SNT1432", "keras-file-or-url", severity=Severity.HIGH, formats=("keras-config",),
      cwe="CWE-73")  # fmt: skip
def file_or_url(model: KerasConfig, context: RuleContext) -> Iterator[Finding]:
    """Loading the model reads a file or an address that the configuration names.

    **What.** A vocabulary, a SavedModel (`TFSMLayer`), a download or another path is given by name:
    absolute, leading out of the model's folder, or an address on the network.

    **Why it matters.** `StringLookup` and its relatives read the file into the model, from where it
    can be had (CVE-2025-12058), and take addresses as well. A SavedModel that is loaded this way
    runs operators of its own. Plain names of files beside the model are of low severity.

    **Fix.** Do not load the model where it can reach files or the network. Ask for one saved with
    its vocabulary inside.
    """
    for text in model.paths[:_LISTED]:
        severity = _path_severity(text)
        if severity is not None:
            yield context.finding(
                f"{text.owner or 'the configuration'} takes {text.key} from {text.text!r}",
                evidence=f"{text.place}: {text.text}",
                severity=severity,
                confidence=Confidence.HIGH if text.key in _READS else Confidence.MEDIUM,
            )


def _path_severity(text: KerasText) -> Severity | None:
    if text.owner == "TFSMLayer" and text.key == "filepath":
        return Severity.HIGH
    leaves = bool(_LEAVES.search(text.text))
    if text.key in _READS or (text.key in _FETCHES and text.owner):
        return Severity.HIGH if leaves else Severity.LOW
    return Severity.LOW if leaves or _URL.match(text.text) else None


_FETCHES = frozenset(("url", "uri", "fname", "file_path", "checkpoint_path", "weights_path"))


@rule("SNT1433", "keras-function-by-name", severity=Severity.HIGH, formats=("keras-config",),
      cwe="CWE-470")  # fmt: skip
def function_by_name(model: KerasConfig, context: RuleContext) -> Iterator[Finding]:
    """An activation, loss or function is given by the name of something dangerous.

    **What.** Where the name of an activation, a loss, a metric or an operator belongs, the text
    names a function that runs code, or an operator that reads or writes files.

    **Why it matters.** Loaders resolve such names: wrappers that look them up in modules call
    `os.system` like any other function, and `TFOpLambda` calls any operator of TensorFlow, among
    them `io.write_file`.

    **Fix.** Do not load the model.
    """
    for text in model.functions:
        reason = _function_reason(text)
        if reason:
            yield context.finding(
                f"{text.key} of {text.owner or 'the model'} is {text.text}: {reason}",
                evidence=f"{text.place}: {text.text}",
                remedy="Do not load this model.",
            )


def _function_reason(text: KerasText) -> str:
    name = text.text.replace(":", ".").replace(">", ".")
    if text.owner in ("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer"):
        return "an operator that reaches files or code" if _GRAPH_FILES.search(name) else ""
    if not _WORD.match(name) or is_class(name):
        return ""
    told = _bare(name)
    return told[1] if told else ""


@rule("SNT1434", "keras-custom-object", severity=Severity.LOW, formats=("keras-config",),
      cwe="CWE-829")  # fmt: skip
def custom_object(model: KerasConfig, context: RuleContext) -> Iterator[Finding]:
    """The model needs code that is not in it.

    **What.** A layer, function or loss is none of Keras' own: it must be registered, or given as
    `custom_objects`, by whoever loads the model.

    **Why it matters.** The code comes from elsewhere, often from the repository next to the model.
    Read it before you run it.

    **Fix.** Get the code from a source you trust.
    """
    names: dict[str, str] = {}
    for entry in model.objects:
        name = entry.function or entry.class_name
        if name and _is_custom(entry, name):
            known_as = "" if entry.function else entry.registered
            label = known_as or (f"{entry.module}.{name}" if entry.module else name)
            names.setdefault(label, entry.place)
    for name, place in list(names.items())[:_LISTED]:
        yield context.finding(f"the model needs {name}", evidence=f"{place or 'top'}: {name}")


def _is_custom(entry: KerasObject, name: str) -> bool:
    if name in _PLAIN or _foreign(entry) is not None:
        return False
    if entry.module == "builtins" or not entry.module:
        return not is_class(name)
    package = entry.module.partition(".")[0]
    return package not in _PACKAGES or known(entry.module, name) is Known.NOT


@rule("SNT1435", "keras-yaml-constructor", severity=Severity.CRITICAL, formats=("keras-config",),
      cwe="CWE-502")  # fmt: skip
def yaml_constructor(model: KerasConfig, context: RuleContext) -> Iterator[Finding]:
    """A configuration in YAML constructs Python objects.

    **What.** The text has tags such as `!!python/object/apply`, which name a function and its
    arguments.

    **Why it matters.** `model_from_yaml` of TensorFlow before 2.6 loads the text with
    `yaml.unsafe_load`, which calls the function (CVE-2021-37678).

    **Fix.** Treat the file as hostile.
    """
    for tag in model.tags[:_LISTED]:
        yield context.finding(
            "loading the YAML calls what a tag names", evidence=tag[:200], remedy="Do not load it."
        )
