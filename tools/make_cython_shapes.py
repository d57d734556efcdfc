"""Write ``shapes_cython.toml``: the functions by which Cython's classes are unpickled.

``python -m tools.make_cython_shapes FOLDER...`` reads the extension modules of packages in the
given ``site-packages`` folders; nothing is imported. Cython gives every class that has plain state
a function ``__pyx_unpickle_<Class>(type, checksum, state)``, which makes an instance by
``Class.__new__(type)`` and sets its attributes: it is as good as the class in its first argument.
What an earlier run listed is kept.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from datetime import date
from pathlib import Path

from .make_index import FOLDER, load
from .toml_out import render_shapes

TABLE = "shapes_cython.toml"
PACKAGES = (
    "sklearn", "spacy", "thinc", "scipy", "pandas", "hdbscan", "implicit", "gensim", "statsmodels",
    "preshed", "cymem", "pmdarima", "tslearn", "hmmlearn", "numpy", "srsly", "lightfm",
)  # fmt: skip
_FUNCTION = re.compile(rb"(?<!\w)(__pyx_unpickle_[A-Za-z_]\w*)\0")


def functions(module: bytes) -> set[str]:
    """Return the names of the functions in the bytes of an extension module."""
    found = {one.decode() for one in _FUNCTION.findall(module)}
    return {name for name in found if not name.endswith(("__set_state", "EnumMeta", "_Enum"))}


def main() -> None:
    """Read the extension modules and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="+")
    names: dict[str, set[str]] = defaultdict(set)
    for module, old in load(TABLE).get("newobj", {}).get("names", {}).items():
        names[module] |= set(old)
    for folder in parser.parse_args().folder:
        for package in PACKAGES:
            for path in (folder / package).rglob("*.so"):
                parts = (*path.relative_to(folder).parent.parts, path.name.partition(".")[0])
                names[".".join(parts)] |= functions(path.read_bytes())
    table = {module: found for module, found in names.items() if found}
    text = render_shapes("newobj", date.today(), table)
    (FOLDER / TABLE).write_text(text.replace("make_safe_imports", "make_cython_shapes"), "utf-8")


if __name__ == "__main__":
    main()
