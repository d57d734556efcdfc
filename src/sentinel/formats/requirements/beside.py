"""What stands beside a list of packages: whether a model is installed with it, and made with what.

MLflow writes the versions of its libraries into ``MLmodel``, scikit-learn its own into each pickle.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from ...artifacts import Artifact
from ...errors import SentinelError
from ...limits import MIB, Budget
from ...readers import open_file
from ...readers.file import names_in
from ..surroundings import beside_model
from .model import ALONE, BESIDE, INSTALLED, Declared
from .reader import Gatherer
from .version import is_version

_INSTALLERS = frozenset(("MLmodel", "MLproject", "bentofile.yaml", "bento.yaml", "MAR-INF"))
_HANDLER = "handler.py"  # of an inference endpoint of Hugging Face, which installs the list
_BUNDLED = re.compile(r"(?i)\.(?:mar|bento|war|pyfunc)!")
_VERSIONS = {
    "sklearn_version": "scikit-learn", "pytorch_version": "torch", "xgb_version": "xgboost",
    "lgb_version": "lightgbm", "catboost_version": "catboost", "keras_version": "keras",
    "transformers_version": "transformers", "statsmodels_version": "statsmodels",
    "onnx_version": "onnx", "sentence_transformers_version": "sentence-transformers",
    "mlflow_version": "mlflow", "skops_version": "skops",
}  # fmt: skip
_SKLEARN = re.compile(
    rb"_sklearn_version(?:\x94|q.|r.{4}|\np\d{1,9}\n)?(?:[\x8cU](.)|X(.{4})|V(?=([^\n]{1,30})\n))",
    re.S,
)
_LONGEST = 30
_PICKLES = re.compile(r"(?i)\.(?:pkl|pickle|joblib|cloudpickle)\Z")
_LIST = "requirements.txt"
_FARTHEST = 2
_MOST_PICKLES = 3
_ENDS = 64 * 1024


class Beside(NamedTuple):
    """What the files beside a list say.

    Attributes:
        standing: See ``model.INSTALLED`` and the others.
        declared: Versions that the model was made with.
        loader: A module outside of MLflow that loads the model, or empty.
    """

    standing: str
    declared: tuple[Declared, ...] = ()
    loader: str = ""


def look_beside(artifact: Artifact, budget: Budget) -> Beside:
    """Look at what stands beside a list of packages.

    Args:
        artifact: The list.
        budget: Pays in time.
    """
    directory: str | None = getattr(artifact.reader, "directory", None)
    if directory is None:
        inside = bool(_BUNDLED.search(f"{artifact.name}!{artifact.member}"))
        return Beside(INSTALLED if inside else ALONE)
    names = names_in(directory)
    near = beside_model(artifact._replace(asked=False))
    named = artifact.parent is not None and artifact.parent.leaf in _INSTALLERS
    if not (named or _is_installed(directory, names)) and not (near and _HANDLER in names):
        return Beside(BESIDE if near else ALONE)
    declared, loader = _of_mlflow(directory, budget) if "MLmodel" in names else ([], "")
    declared += _of_pickles(directory, names)
    if artifact.leaf != _LIST and _LIST in names:
        declared += _of_list(artifact, directory, budget)
    return Beside(INSTALLED, tuple(declared), loader)


def _is_installed(directory: str, names: frozenset[str]) -> bool:
    if not _INSTALLERS.isdisjoint(names):
        return "__init__.py" not in names
    above = (names_in(directory, up) for up in range(1, _FARTHEST + 1))
    return any("bento.yaml" in found for found in above)


def _of_mlflow(directory: str, budget: Budget) -> tuple[list[Declared], str]:
    from ..bundle import Bundle, parse

    declared: dict[str, Declared] = {}
    loader = ""
    try:
        with open_file(os.path.join(directory, "MLmodel")) as reader:
            model = parse(Artifact("MLmodel", reader), budget).model
    except SentinelError:  # it is judged, and its errors told, where it is scanned itself
        return [], ""
    for setting in model.settings if isinstance(model, Bundle) else ():
        last = setting.key.rpartition(".")[2]
        if last in _VERSIONS:
            package = _VERSIONS[last]
            declared[package] = Declared(package, setting.value[:50], "MLmodel")
        elif setting.key.endswith("python_function.loader_module"):
            loader = "" if setting.value.split(".")[0] == "mlflow" else setting.value[:200]
    return list(declared.values()), loader


def _of_list(artifact: Artifact, directory: str, budget: Budget) -> list[Declared]:
    """Return the versions that the list beside an environment pins: both are installed from."""
    gatherer = Gatherer(artifact, budget)
    try:
        with open_file(os.path.join(directory, _LIST)) as reader:
            if reader.size <= MIB:
                gatherer.add_text(reader.pread(0, MIB))
    except SentinelError:
        return []
    return [Declared(one.key, one.pin, _LIST) for one in gatherer.requirements if one.pin]


def _of_pickles(directory: str, names: frozenset[str]) -> list[Declared]:
    """Return the versions that pickles of scikit-learn say, from their first and last bytes."""
    found: list[Declared] = []
    for name in sorted(name for name in names if _PICKLES.search(name))[:_MOST_PICKLES]:
        try:
            with open_file(os.path.join(directory, name)) as reader:
                data = reader.pread(0, MIB)
                if reader.size > MIB:
                    data += b"\0" + reader.pread(reader.size - _ENDS, _ENDS)
        except SentinelError:
            continue
        made = _version_in(data)
        if made:
            found.append(Declared("scikit-learn", made, name))
    return found


def _version_in(data: bytes) -> str:
    """Return the text behind scikit-learn's key in a pickle of any protocol."""
    match = _SKLEARN.search(data)
    if match is None:
        return ""
    length = match[1] or match[2]
    size = int.from_bytes(length, "little") if length else len(match[3])
    text = data[match.end() : match.end() + min(size, _LONGEST)].decode("latin-1")
    return text if is_version(text) else ""
