"""Keras model configurations: which objects a loader would make out of the text, and with what.

The text is JSON (``config.json`` of a ``.keras`` file, ``model_config`` of an ``.h5`` file, the
metadata of a SavedModel, ``model.to_json()``) or, from before TensorFlow 2.6, YAML. It is walked
whole: layers within layers, wrapped functions, compile and build settings. Source:
``keras/src/saving/serialization_lib.py`` of Keras 3.15 and ``keras/utils/generic_utils.py`` of
Keras 2.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import NamedTuple, TypeVar

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..findings import Gap
from ..limits import MIB, Budget
from ..readers import MemoryReader
from . import Member, Parsed

T = TypeVar("T")

_MOST = 64 * MIB
_SNIFFED = MIB
_KEPT = 20_000
_CUT = 300
_KERAS = re.compile(
    rb'"class_name"\s*:\s*"(?:Sequential|Functional|Model|Graph|Lambda|InputLayer|function|__\w+__)"'
    rb"|[Kk]eras"
)
_YAML = re.compile(rb"(?m)^\s*(?:- )?class_name:\s*\S")
_WORDS = re.compile(rb"[zZtau]?([\x02-\x40])\x00{0,3}([A-Za-z_][\w.]{1,63})")
_FUNCTION_KEYS = frozenset(
    (
        "function", "fn", "func", "activation", "recurrent_activation", "loss", "metrics",
        "weighted_metrics", "standardize", "split", "call", "call_fn", "init", "preprocessing",
        "preprocessor", "postprocessor", "callable", "mask", "output_shape", "on_epoch_end",
    )
)  # fmt: skip
_PATH_KEYS = frozenset(
    (
        "vocabulary", "filepath", "file_path", "path", "origin", "url", "uri", "fname", "filename",
        "handle", "weights", "weights_path", "checkpoint", "checkpoint_path", "directory",
        "cache_dir", "cache_subdir", "log_dir", "backup_dir", "file",
    )
)  # fmt: skip
_URL = re.compile(r"\A\s*[A-Za-z][\w+.-]{1,20}://\S")


class KerasObject(NamedTuple):
    """One object that the configuration asks for.

    Attributes:
        class_name: Its class; ``function`` for a function by name.
        module: The module it is looked up in; empty when none is given.
        registered: Its registered name; empty when none is given.
        function: Name of the function, for one by name.
        place: Where in the text, as ``config.layers[3].config``.
    """

    class_name: str
    module: str
    registered: str
    function: str
    place: str


class KerasCode(NamedTuple):
    """Marshalled Python code in the text.

    Attributes:
        place: Where.
        size: Its bytes once decoded; 0 when it is no base64.
        names: Names that it holds, the first few.
    """

    place: str
    size: int
    names: tuple[str, ...]


class KerasText(NamedTuple):
    """A text that a loader may act upon: its key, the class it is given to, and where it is."""

    key: str
    owner: str
    text: str
    place: str


class KerasConfig(NamedTuple):
    """What a Keras configuration asks for.

    Attributes:
        objects: Objects by class and module.
        code: Marshalled code.
        functions: Functions given by a bare or dotted name.
        paths: Files and URLs.
        tags: Constructors of YAML (``!!python/object``).
        version: Version of Keras that the text gives; empty when it gives none.
    """

    objects: tuple[KerasObject, ...] = ()
    code: tuple[KerasCode, ...] = ()
    functions: tuple[KerasText, ...] = ()
    paths: tuple[KerasText, ...] = ()
    tags: tuple[str, ...] = ()
    version: str = ""


def looks_like_config(artifact: Artifact, head: bytes) -> bool:
    """Return True for JSON or YAML text that describes a Keras model.

    Args:
        artifact: The content.
        head: Its first few kilobytes.
    """
    if artifact.leaf.lower().endswith((".py", ".pyc", ".pyi")):
        return False
    data = head
    if b'"class_name"' not in head and artifact.reader.size > len(head):
        data = artifact.reader.pread(0, _SNIFFED)
    if not _KERAS.search(data):
        return False
    return b'"class_name"' in data or (data[:1] not in b"{[" and bool(_YAML.search(data)))


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a configuration.

    Returns:
        A ``KerasConfig``; a gap when it names more than is kept.

    Raises:
        ParseError: It is neither JSON nor such YAML.
        LimitExceeded: It is larger than 64 MiB.
    """
    if artifact.reader.size > _MOST:
        raise LimitExceeded(f"a configuration of more than {_MOST} bytes is not read")
    budget.check_time()
    raw = artifact.reader.pread(0, _MOST)
    data = raw.strip(b"\0 \t\r\n")
    try:
        document = json.loads(_decoded(raw))
    except (ValueError, RecursionError) as error:
        if data[:1] not in (b"{", b"[") and _YAML.search(data):
            from .keras_yaml import read_yaml

            return Parsed(read_yaml(data))
        raise ParseError(f"not JSON ({type(error).__name__})") from error
    found = Finder(budget)
    found.walk(document)
    gaps: tuple[Gap, ...] = ()
    if found.cut:
        detail = f"more than {_KEPT} objects; the rest were not judged"
        gaps = (Gap("limit", artifact.location(), detail),)
    return Parsed(found.result(), found.members, gaps)


def _decoded(raw: bytes) -> str:
    """Decode as ``json.loads`` decodes the bytes that Keras hands it: UTF-8, 16 or 32."""
    return raw.decode(json.detect_encoding(raw), "surrogatepass").strip("\0 \t\r\n\ufeff")


class Finder:
    """Gathers what a configuration names.

    Args:
        budget: Bounds the time.

    Attributes:
        cut: True when there was more than is kept.
        members: What stands in the text in base64 and is loaded as a file: modules of PyTorch.
    """

    def __init__(self, budget: Budget) -> None:
        self.cut = False
        self.members: list[Member] = []
        self._budget = budget
        self._objects: list[KerasObject] = []
        self._code: list[KerasCode] = []
        self._functions: list[KerasText] = []
        self._paths: list[KerasText] = []
        self._version = ""

    def result(self) -> KerasConfig:
        """Return what was gathered."""
        return KerasConfig(
            tuple(self._objects), tuple(self._code), tuple(self._functions), tuple(self._paths), (),
            self._version,
        )  # fmt: skip

    def walk(self, document: object) -> None:
        """Gather from a JSON document."""
        pending: list[tuple[object, str, str]] = [(document, "", "")]
        steps = 0
        while pending:
            item, place, owner = pending.pop()
            steps += 1
            if not steps & 4095:
                self._budget.check_time()
            if isinstance(item, dict):
                pending += reversed(list(self._dict(item, place, owner)))
            elif isinstance(item, list):
                pending += [
                    (value, f"{place}[{index}]"[-_CUT:], owner)
                    for index, value in reversed(list(enumerate(item)))
                    if isinstance(value, dict | list)
                ]

    def _dict(
        self, item: dict[str, object], place: str, owner: str
    ) -> Iterator[tuple[object, str, str]]:
        name = item.get("class_name")
        if isinstance(name, str):
            self._object(name, item, place)
            owner = name
        for key in ("keras_version", "tf_keras_version"):
            version = item.get(key)
            if isinstance(version, str):
                self._version = version[:40]
        lambda_like = _is_lambda(item)
        for key, value in item.items():
            below = f"{place}.{key}".lstrip(".")[-_CUT:]
            if isinstance(value, str):
                self._text(key, value, owner, below, lambda_like)
            elif isinstance(value, list):
                self._list(key, value, owner, below)
            if isinstance(value, dict | list):
                yield value, below, owner

    def _object(self, name: str, item: dict[str, object], place: str) -> None:
        module, registered = item.get("module"), item.get("registered_name")
        config = item.get("config")
        function = config if name == "function" and isinstance(config, str) else ""
        if name == "__typespec__":
            function = str(item.get("spec_name", ""))
        self._keep(
            self._objects,
            KerasObject(name[:_CUT], _short(module), _short(registered), function[:_CUT], place),
        )

    def _keep(self, where: list[T], what: T) -> None:
        if len(where) < _KEPT:
            where.append(what)
        else:
            self.cut = True

    def _list(self, key: str, value: list[object], owner: str, place: str) -> None:
        """Look at a list of texts; the old form of a lambda is [code, defaults, closure]."""
        first = value[0] if value else None
        if key in _CODE_KEYS and isinstance(first, str) and (code := _code(first, place)):
            self._keep(self._code, code)
            return
        if key in _FUNCTION_KEYS:
            for text in value[:1000]:
                if isinstance(text, str):
                    self._keep(self._functions, KerasText(key, owner, text[:_CUT], place))

    def _text(self, key: str, text: str, owner: str, place: str, lambda_like: bool) -> None:
        if key.endswith("_type") and text == "lambda":
            self._keep(self._code, KerasCode(place, 0, ()))
        if (lambda_like and key in ("code", "value")) or key in _CODE_KEYS:
            code = _code(text, place)
            if code is not None:
                self._keep(self._code, code)
                return
        if (key == "module" and owner == _WRAPPER) or text.startswith(_PACKED):
            self._member(text, place)
        if key in _PATH_KEYS or _URL.match(text):
            self._keep(self._paths, KerasText(key, owner, text[:_CUT], place))
        elif key in _FUNCTION_KEYS:
            self._keep(self._functions, KerasText(key, owner, text[:_CUT], place))

    def _member(self, text: str, place: str) -> None:
        """Hand on what a wrapped module of PyTorch unpickles.

        Source: ``TorchModuleWrapper.from_config`` in ``keras/src/utils/torch_utils.py``.
        """
        with suppress(binascii.Error):
            data = binascii.a2b_base64(text.encode("ascii", "ignore"))
            opened = partial(MemoryReader, data)
            if len(self.members) < _MOST_PACKED:
                self.members.append(Member(len(self.members), place, opened, guess=True))
            else:
                self.cut = True


_WRAPPER = "TorchModuleWrapper"
_PACKED = ("UEsDB", "gAI", "gAM", "gAQ", "gAU")
"""How a zip archive and a pickle begin in base64."""
_MOST_PACKED = 1_000

_MARSHALLED = (b"c", b"\xe3")
_CODE_KEYS = frozenset(("function", "mask", "output_shape", "code", "value"))


def _is_lambda(item: dict[str, object]) -> bool:
    """Return True for the settings of marshalled code: ``{"code": ..., "defaults": ...}``."""
    return "closure" in item or "defaults" in item or item.get("class_name") == "__lambda__"


def _short(value: object) -> str:
    return value[:_CUT] if isinstance(value, str) else ""


def _code(text: str, place: str) -> KerasCode | None:
    """Return what marshalled code a text holds; None when it is none."""
    try:  # as Keras decodes it: what is no base64 is passed over
        data = binascii.a2b_base64(text.encode("ascii", "ignore"))
    except binascii.Error:
        data = b""
    if data[:1] not in _MARSHALLED and text[:1] in ("\xe3", "c"):
        data = text.encode("latin-1", "replace")
    if data[:1] not in _MARSHALLED or (len(data) < 24 and text.isalnum()):
        return None
    return KerasCode(place, len(data), _names(data))


def _names(data: bytes) -> tuple[str, ...]:
    """Return names and other short texts of marshalled code, for people to read."""
    found: dict[str, None] = {}
    for size, word in _WORDS.findall(data):
        if len(word) >= size[0]:
            found[word[: size[0]].decode("ascii")] = None
    return tuple(found)[:40]
