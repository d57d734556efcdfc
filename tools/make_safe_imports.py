"""Write the tables of safe imports (``safe_<library>.toml``) from what libraries really write.

``python -m tools.make_safe_imports [--fresh] [--extra FOLDER]... [--older FOLDER]...
[--pickles FOLDER]...`` makes the sample objects, reads the names in the files they are written to,
adds the plain data classes that the same libraries define, and drops all that the audit or a
hand-kept table finds dangerous. ``--extra`` holds more packages, unpacked; ``--older`` an earlier
version of packages, each audited on its own; ``--pickles`` what ``tools/old_samples.py`` left.
What an earlier run listed of modules that are not at hand now is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Container
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

from .audit.sources import package_roots, read
from .audit_imports import Findings, facts_of
from .classes import Policy, defined
from .collect import names_in
from .make_index import FOLDER, modules_of
from .toml_out import render_safe, render_shapes

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "imports"
SAMPLES = ("stdlib", "numpy_", "pandas_", "scipy_", "sklearn_", "torch_", "boosting",
    "huggingface", "text", "statistics_")  # fmt: skip
DATA_MODULES = (
    "torch.nn.", "torch.optim", "torch.distributions", "torch.utils.data", "torch.ao.nn",
    "torch.ao.quantization", "torch.nested", "torch.quantization", "torch.jit._pickle",
    "sklearn.", "scipy.sparse", "scipy.stats", "scipy.interpolate", "scipy.spatial",
    "scipy.optimize", "scipy.signal", "pandas.core", "pandas.tseries", "transformers.",
    "sentence_transformers.", "accelerate.utils", "accelerate.data_loader", "xgboost.",
    "lightgbm.", "catboost.", "gensim.", "statsmodels.", "spacy.", "thinc.", "patsy.",
    "numpy.ma", "numpy.polynomial", "numpy.lib", "ultralytics.nn", "ultralytics.utils",
    "ultralytics.models", "ultralytics.data.augment", "timm.", "torchvision.", "torchmetrics.",
    "pytorch_lightning.", "lightning_fabric.", "omegaconf.", "gymnasium.spaces",
    "stable_baselines3.", "peft.", "diffusers.", "trl.", "imblearn.", "category_encoders.",
    "umap.", "pynndescent.", "hdbscan.", "skorch.", "lifelines.", "prophet.", "flair.",
    "fastai.", "fastcore.", "pyannote.", "nltk.", "networkx.classes", "dateutil.", "joblib.",
    "smart_open.", "tokenizers.", "safetensors.", "kernels.", "feature_engine.", "gpytorch.",
    "hmmlearn.", "implicit.", "mlxtend.", "pyod.", "pytorch_tabnet.", "river.", "torch_geometric.",
    "tslearn.",
)  # fmt: skip
"""Where the classes of instances in model files are defined."""

Names = set[tuple[str, str]]
Tables = dict[str, dict[str, dict[str, dict[str, str]]]]


def collected(samples: str, fresh: bool) -> Names:
    """Return the names that one module of samples writes, made afresh unless cached."""
    CACHE.mkdir(parents=True, exist_ok=True)
    cache = CACHE / f"{samples}.json"
    if fresh or not cache.exists():
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}/src", "TOKENIZERS_PARALLELISM": "0"}
        made = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "tools.collect", samples],
            cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        cache.write_text(made.stdout.splitlines()[-1], encoding="utf-8")
    return {(module, name) for module, name in json.loads(cache.read_text("utf-8"))["names"]}


def written_by_older(folders: list[Path]) -> Names:
    """Return the names in files that older versions wrote."""
    found: Names = set()
    for path in (path for folder in folders for path in sorted(folder.rglob("*.*"))):
        found |= names_in(path.read_bytes())
    return found


class Writer:
    """Sorts names into tables.

    Args:
        policy: What may be called safe.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.tables: Tables = defaultdict(dict)
        self.states: dict[str, set[str]] = defaultdict(set)
        self.refused: list[str] = []

    def add(self, kind: str, module: str, name: str) -> None:
        """Enter a name that was ``seen`` or is ``defined``, or note why it is not safe."""
        call, reason = self.policy.rule(module, name)
        if call is None:
            if kind == "seen":
                self._refuse(module, name, reason)
            return
        self._enter(kind, module, name, call)

    def _enter(self, kind: str, module: str, name: str, call: str) -> None:
        entry = self.tables[file_of(module)].setdefault(module, {"seen": {}, "defined": {}})
        if name not in entry["seen"] and name not in entry["defined"]:
            entry[kind][name] = call

    def _refuse(self, module: str, name: str, reason: str) -> None:
        if reason == "execute: builtins.exec via __setstate__":
            self.states[module].add(name)
        elif not reason.startswith("h:"):
            self.refused.append(f"not safe: {module}.{name}: {reason}")

    def keep_absent(self, present: Container[str]) -> None:
        """Take over what an earlier run wrote about modules that are not at hand."""
        for path in own_tables():
            for module, entry in modules_of(tomllib.loads(path.read_text("utf-8"))).items():
                if module in present:
                    continue
                calls = entry.get("call", {})
                for kind in ("seen", "defined"):
                    for name in entry.get(kind, ()):
                        if self.policy.rule(module, name)[0] is not None:
                            self._enter(kind, module, name, calls.get(name, ""))

    def write(self) -> None:
        """Write the tables, and the shapes that come out of them."""
        old = {path.name: about_of(path) for path in own_tables()}
        for name in old:
            (FOLDER / name).unlink()
        for top, modules in sorted(self.tables.items()):
            name = f"safe_{top}.toml"
            version = version_of(top) or old.get(name, {}).get("version", "")
            text = render_safe(top, version, date.today(), modules)
            (FOLDER / name).write_text(text, encoding="utf-8")
        text = render_shapes("source_state", date.today(), self.states)
        (FOLDER / "shapes_generated.toml").write_text(text, encoding="utf-8")


def own_tables() -> list[Path]:
    """Return the tables that this program wrote; others have makers of their own."""
    paths = sorted(FOLDER.glob("safe_*.toml"))
    return [path for path in paths if "make_safe_imports.py" in path.read_text("utf-8")]


def about_of(path: Path) -> dict[str, Any]:
    """Return the ``about`` table of a file."""
    about: dict[str, Any] = tomllib.loads(path.read_text("utf-8")).get("about", {})
    return about


def file_of(module: str) -> str:
    """Return the table that a module's names belong to."""
    top = module.partition(".")[0]
    return "stdlib" if top in sys.stdlib_module_names else top.strip("_")


def version_of(top: str) -> str:
    """Return the version of the library that a table is about."""
    if top == "stdlib":
        return "Python " + sys.version.partition(" ")[0]
    for distribution in metadata.packages_distributions().get(top, ()):
        return f"{distribution} {metadata.version(distribution)}"
    return ""


def main() -> None:
    """Collect, judge and write."""
    options = options_of()
    write(Findings(facts_of(options.extra)), options)


def options_of(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the options of a command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true")
    for option in ("--extra", "--older", "--pickles"):
        parser.add_argument(option, type=Path, action="append", default=[])
    return parser.parse_args(arguments)


def write(findings: Findings, options: argparse.Namespace) -> None:
    """Fill and write the tables."""
    writer = Writer(Policy(findings))
    seen: Names = set().union(*(collected(one, options.fresh) for one in SAMPLES))
    for module, name in sorted(seen | written_by_older(options.pickles)):
        writer.add("seen", module, name)
    for module, name in sorted(defined(findings, DATA_MODULES)):
        writer.add("defined", module, name)
    for folder in options.older:
        earlier = Findings(read(package_roots(folder)))
        writer.policy = Policy(earlier)
        for module, name in sorted(defined(earlier, DATA_MODULES)):
            if module not in findings.program.modules:
                writer.add("defined", module, name)
    writer.policy = Policy(findings)
    writer.keep_absent(findings.program.modules)
    writer.write()
    print("\n".join(writer.refused))


if __name__ == "__main__":
    main()
