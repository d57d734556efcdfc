"""What we think of the descriptions of model bundles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.bundle import Bundle, Setting
from . import RuleContext, rule
from .config_names import judge_name, of_library
from .external_paths import leads_out

_PATHS = re.compile(
    r"(?:\A|\.)(?:code|data|path|model_path|model_data|model_binary|python_model|pickled_model"
    r"|saved_model_dir|model_file|modelFile|serializedFile|handler|extraFiles|requirementsFile"
    r"|file|env|model_code_path|loader_file|default_model_filename|model_filename|weights"
    r"|op_library_filename|key_asset_file|setup_script|dockerfile_template|conda|virtualenv"
    r"|include|requirements_txt|environment_yml|pipeline_path|cb_model|lgb_model|xgb_model"
    r"|serialized_model_file|vocab|ref|checkpoint)\Z"
)
_MODULES = re.compile(
    r"(?:\A|\.)(?:loader_module|pickle_module|model_class|type|import_path|skops_trusted_types)\Z"
)
_REMOTE = re.compile(r"(?:\A|\.)(?:working_dir|py_modules|index_url|extra_index_url|find_links)\Z")
_URL = re.compile(r"[A-Za-z][\w+.-]*://")
_TRITON_OWN = "$$TRITON_MODEL_DIRECTORY"
_KEPT_URLS = ("mlflow", "kedro")
_NOTHING = ("null", "~", "")
_LISTED = 50


def _paths(setting: Setting) -> list[str]:
    """Return the paths a setting gives: TorchServe joins several by commas."""
    value = setting.value
    if setting.key.endswith("model_code_path"):  # MLflow notes where it was, takes the last part
        value = value.replace("\\", "/").rpartition("/")[2]
    if setting.key.endswith("handler"):
        value = value.rpartition(":")[0] or value
    parts = value.split(",") if "extraFiles" in setting.key else [value]
    return [part.strip().removeprefix(_TRITON_OWN).removeprefix("/") if _TRITON_OWN in part
            else part.strip() for part in parts]  # fmt: skip


@rule(
    "SNT1487", "bundle-path-leads-outside", severity=Severity.HIGH, formats=("bundle",),
    cwe="CWE-22",
)  # fmt: skip
def path_outside(bundle: Bundle, context: RuleContext) -> Iterator[Finding]:
    """The description of the bundle names a file outside of it.

    **What.** A path of code, data or a model in `MLmodel`, `MANIFEST.json`, `bentofile.yaml` or
    `config.pbtxt` is absolute, climbs with `..`, or is an address.

    **Why it matters.** Loaders join the path to the bundle's directory and open, import or unpickle
    what comes out: a file that was not scanned with the bundle.

    **Fix.** Treat the bundle as hostile, or pack the file into it.
    """
    count = 0
    for setting in bundle.settings:
        if not _PATHS.search(setting.key) or count >= _LISTED:
            continue
        for path in _paths(setting):
            how = leads_out(path)
            if not how or (bundle.kind in _KEPT_URLS and _URL.match(path)):
                continue
            if bundle.kind == "bentoml" and not path.startswith(("..", "/")):
                continue  # patterns and image names
            count += 1
            local = bundle.kind in ("bentoml", "kedro")
            yield context.finding(
                f"{setting.key} leads out of the bundle: {how}",
                line=setting.line,
                evidence=f"{setting.key}: {path}"[:300],
                severity=Severity.LOW if local else Severity.HIGH,
                remedy="Do not load this bundle.",
            )


@rule(
    "SNT1488", "bundle-loads-module", severity=Severity.HIGH, formats=("bundle",), cwe="CWE-470"
)
def loads_module(bundle: Bundle, context: RuleContext) -> Iterator[Finding]:
    """The description of the bundle names a module or class that its framework does not bring.

    **What.** `loader_module` of an MLflow flavor that is none of `mlflow`, `pickle_module`, the
    `type` of a Kedro dataset, Ray's `import_path`, or a name in MLflow's `skops_trusted_types`. A
    dangerous name is high; a loader that is not well known is medium when no code comes with the
    bundle, low when it does.

    **Why it matters.** Loading imports the module and calls its loader with a path from the bundle.
    MLflow hands the list of trusted types to skops, so that a model says itself what it may run.

    **Fix.** Find out where the module comes from.
    """
    has_code = any(setting.key.endswith("python_function.code") and setting.value not in _NOTHING
                   for setting in bundle.settings)  # fmt: skip
    for setting in bundle.settings:
        if not _MODULES.search(setting.key) or not re.fullmatch(r"[\w.:]+", setting.value):
            continue
        name = setting.value.replace(":", ".")
        if bundle.kind == "kedro" and "." not in name:
            continue
        evidence = f"{setting.key}: {setting.value}"[:300]
        judged = judge_name(name)
        if judged.severity is not None and judged.severity >= Severity.HIGH:
            yield context.finding(
                f"loading reaches {name}, which {judged.reason}", line=setting.line,
                evidence=evidence, remedy="Do not load this bundle.",
            )  # fmt: skip
        elif "loader_module" in setting.key and name.split(".")[0] != "mlflow":
            yield context.finding(
                f"MLflow loads this model through {name}, which is not MLflow's",
                line=setting.line,
                evidence=evidence,
                severity=Severity.LOW if has_code or of_library(name) else Severity.MEDIUM,
                confidence=Confidence.MEDIUM,
            )


@rule("SNT1489", "bundle-brings-code", severity=Severity.INFO, formats=("bundle",))
def brings_code(bundle: Bundle, context: RuleContext) -> Iterator[Finding]:
    """The bundle brings code or a library that runs when the model is served.

    **What.** A handler of TorchServe, `code` of MLflow, a service of BentoML, Triton's Python
    backend, a library of operators (`op_library_filename`).

    **Why it matters.** The code runs with the rights of the server. It is scanned beside this file;
    a native library can only be named.

    **Fix.** Read the code.
    """
    for setting in bundle.settings:
        last = setting.key.rpartition(".")[2]
        native = last == "op_library_filename"
        python = last == "backend" and setting.value == "python"
        file = last == "handler" and ".py" in setting.value
        code = last == "code" and setting.value not in _NOTHING
        if native or python or file or code:
            yield context.finding(
                f"{last}: {setting.value[:100]}",
                line=setting.line,
                evidence=f"{setting.key}: {setting.value}"[:300],
                severity=Severity.LOW if native else Severity.INFO,
            )


@rule("SNT1801", "bundle-installs-at-load", severity=Severity.LOW, formats=("bundle",),
      cwe="CWE-829")  # fmt: skip
def installs(bundle: Bundle, context: RuleContext) -> Iterator[Finding]:
    """The bundle has packages, archives or scripts fetched when it is built or served.

    **What.** `requirementsFile` of TorchServe, another package index or a setup script of BentoML,
    a working directory by address for Ray.

    **Why it matters.** What is installed then was not scanned with the model.

    **Fix.** Pin what is installed, and take it from an index you trust.
    """
    for setting in bundle.settings:
        last = setting.key.rpartition(".")[2]
        remote = _REMOTE.search(setting.key) and _URL.match(setting.value)
        if remote or last in ("requirementsFile", "setup_script"):
            yield context.finding(
                f"{last} has something fetched or run beside the model",
                line=setting.line,
                evidence=f"{setting.key}: {setting.value}"[:300],
            )
