"""The JSON files of a model directory in the manner of Hugging Face: what they make a loader do.

``config.json`` and its like name Python code that ``trust_remote_code=True`` downloads and imports;
``tokenizer_config.json`` holds chat templates; an index names the files that weights are read from.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..limits import MIB, Budget
from ..readers import MemoryReader
from . import Member, Parsed

_MOST = 64 * MIB
_MOST_OBJECTS = 2_000_000
_MOST_VALUES = 1_000_000
_MOST_REFERENCES = 1000
_TEMPLATES = 100
_LONGEST = 4000
_NAMES = re.compile(
    r"(?:config|tokenizer|tokenizer_config|generation_config|preprocessor_config|processor_config"
    r"|image_processor_config|video_preprocessor_config|feature_extractor_config|adapter_config"
    r"|chat_template|special_tokens_map|added_tokens|model_index|.+\.index)\.json\Z"
)
_MARKS = re.compile(
    rb'"(?:model_type|architectures|auto_map|custom_pipelines|transformers_version|tokenizer_class'
    rb"|processor_class|image_processor_type|feature_extractor_type|chat_template|added_tokens"
    rb"|_from_model_config|_?attn_implementation|peft_type|base_model_name_or_path|weight_map|_class_name"
    rb"|_diffusers_version|bos_token|eos_token|unk_token|pad_token|bos_token_id|eos_token_id"
    rb'|added_tokens_decoder|trust_remote_code)"\s*:'
)
_PLAIN_NAMES = ("tokenizer.json", "chat_template.json")
_KERNEL_KEYS = ("attn_implementation", "_attn_implementation", "_attn_implementation_internal")
_KERNEL = re.compile(r"(?:\w+\|)?\s*([^/:@\s]+/[^/:@\s]+)\s*(@[^/:]+)?(:[^/:]+)?\s*\Z")
_KERNELS_OF_THE_LIBRARY = "kernels-community/"


class CodeReference(NamedTuple):
    """Python code that a configuration names.

    Attributes:
        key: Where it is named (``auto_map.AutoModel``).
        target: ``module.Class``, as written.
        repository: ``owner/name`` where it is in another repository, else empty.
    """

    key: str
    target: str
    repository: str


class Rewrite(NamedTuple):
    """A step of a tokenizer that puts text in: ``Replace`` or ``Prepend``."""

    kind: str
    old: str
    new: str


class ModelConfig(NamedTuple):
    """What a configuration says that a loader acts on.

    Attributes:
        code: Code it names.
        trusts: True when it asks for ``trust_remote_code`` itself.
        files: Files of weights that an index names, each once.
        duplicates: Keys that occur twice in one object.
        rewrites: Steps of a tokenizer that put text in.
        patterns: Regular expressions of a tokenizer.
    """

    code: tuple[CodeReference, ...] = ()
    trusts: bool = False
    files: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    patterns: tuple[str, ...] = ()


def looks_like_config(artifact: Artifact, head: bytes) -> bool:
    """Return True for a file with one of the names and a key that such a file has."""
    name = artifact.leaf
    if not _NAMES.fullmatch(name):
        return False
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.replace(b"\0", b"")  # UTF-16, as JSON may be
    if _MARKS.search(head) or name in _PLAIN_NAMES:
        return True
    size = artifact.reader.size
    if len(head) >= size or size > _MOST:
        return False
    return bool(_MARKS.search(artifact.reader.pread(0, 2 * MIB)))


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a configuration.

    Returns:
        A ``ModelConfig``; chat templates as members.

    Raises:
        ParseError: It is no JSON object.
        LimitExceeded: It is longer than 64 MiB or holds more than is kept.
    """
    if artifact.reader.size > _MOST:
        raise LimitExceeded(f"a configuration of more than {_MOST} bytes is not read")
    budget.check_time()
    raw = artifact.reader.pread(0, _MOST)
    if raw.count(b"{") + raw.count(b"[") > _MOST_OBJECTS:
        raise LimitExceeded("the configuration holds more values than are read")
    duplicates: list[str] = []
    try:
        document = json.loads(raw, object_pairs_hook=partial(_object, duplicates))
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not JSON ({type(error).__name__})") from error
    if not isinstance(document, dict):
        raise ParseError("a configuration that is no JSON object")
    found = _Facts()
    found.read(document)
    model = ModelConfig(
        tuple(found.code), found.trusts, _files(document), tuple(duplicates),
        tuple(found.rewrites), tuple(found.patterns),
    )  # fmt: skip
    return Parsed(model, _templates(document))


def _object(duplicates: list[str], pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs) and len(duplicates) < 100:
        duplicates += [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    return found


class _Facts:
    def __init__(self) -> None:
        self.code: list[CodeReference] = []
        self.trusts = False
        self.rewrites: list[Rewrite] = []
        self.patterns: list[str] = []

    def read(self, document: dict[str, object]) -> None:
        """Look for the keys at any depth: nested configurations are loaded by the same code."""
        pending: list[object] = [document]
        seen = 0
        while pending:
            item = pending.pop()
            seen += 1
            if seen > _MOST_VALUES:
                return
            if isinstance(item, dict):
                for key, value in item.items():
                    self._key(key, value)
                self._step(item)
                pending += [value for value in item.values() if isinstance(value, dict | list)]
            elif isinstance(item, list):
                pending += [value for value in item if isinstance(value, dict | list)]

    def _key(self, key: str, value: object) -> None:
        if key == "trust_remote_code" and value is True:
            self.trusts = True
        elif key == "auto_map":
            self._targets(key, value)
        elif key in _KERNEL_KEYS:
            self._kernels(key, value)
        elif key == "custom_pipelines" and isinstance(value, dict):
            for task, entry in value.items():
                if isinstance(entry, dict):
                    self._targets(f"{key}.{task}", entry.get("impl"))

    def _step(self, item: dict[str, object]) -> None:
        """Note what a normalizer, pre-tokenizer or decoder of ``tokenizer.json`` does to text."""
        kind, pattern = item.get("type"), item.get("pattern")
        given = item.get("content" if kind == "Replace" else "prepend")
        old = next(iter(pattern.values()), "") if isinstance(pattern, dict) else ""
        room = len(self.rewrites) < _MOST_REFERENCES
        if room and kind in ("Replace", "Prepend") and isinstance(given, str) and given:
            self.rewrites.append(Rewrite(str(kind), str(old)[:_LONGEST], given[:_LONGEST]))
        room = len(self.patterns) < _MOST_REFERENCES
        if room and isinstance(pattern, dict) and isinstance(pattern.get("Regex"), str):
            self.patterns.append(str(pattern["Regex"])[:_LONGEST])

    def _kernels(self, key: str, value: object) -> None:
        """Note attention that is a repository: transformers downloads it and imports its code.

        Source: ``load_and_register_attn_kernel`` in ``transformers/integrations/hub_kernels.py``.
        """
        for name in value.values() if isinstance(value, dict) else (value,):
            match = _KERNEL.match(name) if isinstance(name, str) else None
            if match and not match[1].startswith(_KERNELS_OF_THE_LIBRARY):
                self._add(key, f"{match[1]}--{(match[3] or ':kernel')[1:]}")

    def _targets(self, key: str, value: object) -> None:
        if isinstance(value, str):
            self._add(key, value)
        elif isinstance(value, list):
            for one in value:
                if isinstance(one, str):
                    self._add(key, one)
        elif isinstance(value, dict):
            for name, one in value.items():
                if not isinstance(one, dict):
                    self._targets(f"{key}.{name}", one)

    def _add(self, key: str, target: str) -> None:
        if len(self.code) >= _MOST_REFERENCES:
            raise LimitExceeded(f"more than {_MOST_REFERENCES} references to code")
        repository, mark, rest = target.partition("--")
        self.code.append(CodeReference(key, rest if mark else target, repository if mark else ""))


def _files(document: dict[str, object]) -> tuple[str, ...]:
    weights = document.get("weight_map")
    if not isinstance(weights, dict):
        return ()
    return tuple(dict.fromkeys(name for name in weights.values() if isinstance(name, str)))


def _templates(document: dict[str, object]) -> Iterator[Member]:
    number = 0
    for key in ("chat_template", "chat_templates", "default_chat_template"):
        for name, text in _named_templates(key, document.get(key)):
            if number >= _TEMPLATES:
                raise LimitExceeded(f"more than {_TEMPLATES} chat templates")
            data = text.encode("utf-8", "surrogatepass")
            yield Member(number, name, partial(MemoryReader, data), ("jinja",))
            number += 1


def _named_templates(key: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, text in value.items():
            if isinstance(text, str):
                yield f"{key}.{name[:80]}", text
    elif isinstance(value, list):
        for entry in value:
            if isinstance(entry, dict) and isinstance(entry.get("template"), str):
                yield f"{key}.{str(entry.get('name'))[:80]}", entry["template"]
