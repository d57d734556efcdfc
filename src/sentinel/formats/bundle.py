"""The files that say what a bundle of model, code and data is made of.

MLflow's ``MLmodel``, TorchServe's ``MANIFEST.json`` (in a ``.mar``), BentoML's ``bentofile.yaml``
and ``bento.yaml``, Triton's ``config.pbtxt``, Kedro's ``catalog.yml``, Ray Serve's configuration.
Each is flattened into settings: a dotted key, a value, a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..limits import MIB, Budget
from . import Member, Parsed
from .yaml_tokens import decoded, tokens

_MOST = 8 * MIB
_MOST_SETTINGS = 50_000
_MOST_VALUES = 400_000
_CUT = 1_000
_MARKS: dict[str, tuple[str, re.Pattern[bytes]]] = {
    "mlmodel": ("mlflow", re.compile(rb"(?m)^flavors:|mlflow_version")),
    "manifest.json": (
        "torchserve",
        re.compile(rb'"(?:serializedFile|archiverVersion|modelFile)"|"handler"\s*:'),
    ),
    "bentofile.yaml": ("bentoml", re.compile(rb"(?m)^service\s*:")),
    "bentofile.yml": ("bentoml", re.compile(rb"(?m)^service\s*:")),
    "bento.yaml": ("bentoml", re.compile(rb"(?m)^(?:bentoml_version|service)\s*:")),
    "config.pbtxt": (
        "triton",
        re.compile(rb"(?m)^\s*(?:platform|backend|max_batch_size|name)\s*:"),
    ),
    "catalog.yml": ("kedro", re.compile(rb"(?m)^\s+type\s*:\s*\S+(?:Dataset|DataSet|\.\w)")),
    "catalog.yaml": ("kedro", re.compile(rb"(?m)^\s+type\s*:\s*\S+(?:Dataset|DataSet|\.\w)")),
    "serve_config.yaml": ("ray", re.compile(rb"import_path\s*:")),
    "serve.yaml": ("ray", re.compile(rb"import_path\s*:")),
}
_ENVIRONMENT = re.compile(r"\.python_function\.env(?:\.\w+)?\Z")
_USUAL = frozenset(("conda.yaml", "python_env.yaml", "requirements.txt"))
_PBTXT = re.compile(r'([A-Za-z_]\w*)\s*:\s*(?:"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\')')


class Setting(NamedTuple):
    """One value of a bundle's description.

    Attributes:
        key: Its dotted key (``flavors.python_function.loader_module``).
        value: Its text, cut to 1,000 characters.
        line: Its line, from 1; None where it is not known.
    """

    key: str
    value: str
    line: int | None


class Bundle(NamedTuple):
    """A bundle's description.

    Attributes:
        kind: ``mlflow``, ``torchserve``, ``bentoml``, ``triton``, ``kedro`` or ``ray``.
        settings: All values that are texts or numbers.
    """

    kind: str
    settings: tuple[Setting, ...]


def looks_like_bundle(artifact: Artifact, head: bytes) -> bool:
    """Return True for a file with one of the names and a key that such a file has."""
    found = _MARKS.get(artifact.leaf.lower())
    if found is None:
        return False
    if found[1].search(head):
        return True
    size = artifact.reader.size
    return size > len(head) and bool(found[1].search(artifact.reader.pread(0, min(size, MIB))))


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a description.

    Returns:
        A ``Bundle``.

    Raises:
        ParseError: It is not what its name says.
        LimitExceeded: It is longer than 8 MiB, or holds more than is kept.
    """
    if artifact.reader.size > _MOST:
        raise LimitExceeded(f"a description of more than {_MOST} bytes is not read")
    budget.check_time()
    data = artifact.reader.pread(0, _MOST)
    leaf = artifact.leaf.lower()
    kind = _MARKS[leaf][0] if leaf in _MARKS else "mlflow"
    read: Callable[[bytes], Iterator[Setting]] = _yaml
    if leaf.endswith(".json"):
        read = _json
    elif leaf.endswith(".pbtxt"):
        read = _text
    settings: list[Setting] = []
    for setting in read(data):
        if len(settings) >= _MOST_SETTINGS:
            raise LimitExceeded(f"a description of more than {_MOST_SETTINGS} settings")
        settings.append(setting)
    members = _environments(artifact, settings) if kind == "mlflow" else []
    return Parsed(Bundle(kind, tuple(settings)), members)


def _environments(artifact: Artifact, settings: list[Setting]) -> list[Member]:
    """Return the environments that MLflow would install under names that are not the usual ones."""
    wanted = [one.value for one in settings if _ENVIRONMENT.search(one.key)]
    if all(value in _USUAL for value in wanted):
        return []
    from .requirements.named import named_lists

    return named_lists(artifact, [value for value in wanted if value not in _USUAL])


def _yaml(data: bytes) -> Iterator[Setting]:
    path: list[tuple[int, str]] = []
    for token in tokens(decoded(data)):
        if token.kind == "document":
            path.clear()
        elif token.kind == "key":
            while path and path[-1][0] >= token.column:
                path.pop()
            path.append((token.column, token.text[:200]))
            del path[:-32]
        elif token.kind == "scalar":
            key = ".".join(name for column, name in path)
            yield Setting(key, token.text[:_CUT], token.line)


def _json(data: bytes) -> Iterator[Setting]:
    if data.count(b"{") + data.count(b"[") > _MOST_VALUES:
        raise LimitExceeded("the description holds more values than are read")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not JSON ({type(error).__name__})") from error
    pending: list[tuple[str, object]] = [("", document)]
    while pending:
        key, value = pending.pop()
        if isinstance(value, dict):
            pending += [(f"{key}.{name}"[-400:].lstrip("."), one) for name, one in value.items()]
        elif isinstance(value, list):
            pending += [(key, one) for one in value]
        elif value is not None:
            yield Setting(key, str(value)[:_CUT], None)


def _text(data: bytes) -> Iterator[Setting]:
    text = data.decode("utf-8", "replace")
    line, last = 1, 0
    for found in _PBTXT.finditer(text):
        line += text.count("\n", last, found.start())
        last = found.start()
        yield Setting(found[1], (found[2] or found[3] or "")[:_CUT], line)
