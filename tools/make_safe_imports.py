"""Write the tables of safe imports (``safe_<library>.toml``) from what libraries really write.

``python -m tools.make_safe_imports [SAMPLES...]`` makes the sample objects, reads the names in the
files they are written to, adds the plain data classes that the same libraries define, drops all
that the audit finds dangerous, and writes one table per top-level package.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import date
from importlib import metadata
from pathlib import Path

from . import classes
from .make_index import FOLDER
from .toml_out import render_safe

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "imports"
SAMPLES = ("stdlib", "numpy_", "pandas_", "scipy_", "sklearn_", "torch_", "boosting",
    "huggingface", "text", "statistics_")  # fmt: skip

Names = set[tuple[str, str]]


def collected(samples: str) -> Names:
    """Return the names that one module of samples writes, made afresh unless cached."""
    CACHE.mkdir(parents=True, exist_ok=True)
    cache = CACHE / f"{samples}.json"
    if not cache.exists():
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}/src", "TOKENIZERS_PARALLELISM": "0"}
        made = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "tools.collect", samples],
            cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        cache.write_text(made.stdout.splitlines()[-1], encoding="utf-8")
    return {(module, name) for module, name in json.loads(cache.read_text("utf-8"))["names"]}


def main() -> None:
    """Collect, judge and write."""
    for samples in sys.argv[1:]:
        (CACHE / f"{samples}.json").unlink(missing_ok=True)
    seen: Names = set().union(*map(collected, SAMPLES))
    write(seen, classes.defined())


def write(seen: Names, defined: classes.Defined) -> None:
    """Write the tables.

    Args:
        seen: Names found in real files.
        defined: Data classes that libraries define, with the capability of calling each.
    """
    policy = classes.Policy()
    tables: dict[str, dict[str, dict[str, dict[str, str]]]] = defaultdict(dict)
    refused = []
    for kind, names in (("seen", dict.fromkeys(seen, "")), ("defined", defined)):
        for (module, name), call in sorted(names.items()):
            ruling = policy.rule(module, name, kind)
            if ruling is None:
                refused.append(f"{kind}: {module}.{name}")
                continue
            top = file_of(module)
            entry = tables[top].setdefault(module, {"seen": {}, "defined": {}})
            if kind == "seen" or name not in entry["seen"]:
                entry[kind][name] = ruling or call
    for path in FOLDER.glob("safe_*.toml"):
        path.unlink()
    for top, modules in sorted(tables.items()):
        text = render_safe(top, version_of(top), date.today(), modules)
        (FOLDER / f"safe_{top}.toml").write_text(text, encoding="utf-8")
    print("\n".join(refused))


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


if __name__ == "__main__":
    main()
