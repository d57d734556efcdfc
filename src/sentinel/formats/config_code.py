"""Configurations that name code: what a loader would look up, call or construct because of them.

JSON: Hydra's and MONAI's ``_target_``, Lightning's ``class_path`` and ``_instantiator``,
jsonpickle's ``py/`` keys, the modules, routes and tokenizers of sentence-transformers, PEFT's
``auto_mapping``, activation functions by dotted name. YAML: the same keys, and the constructors of
PyYAML (``!!python/object/apply:``). spaCy's ``config.cfg``: functions of its registry.
Files of these kinds that hold none of it are not read.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..limits import MIB, Budget
from . import Parsed
from .surroundings import beside_model

_MOST = 16 * MIB
_SEARCHED = 4 * MIB
MOST_NAMES = 5_000
CUT = 300

_JSON = re.compile(
    rb'"_target_"|"py/|\\u00[2-7]|"class_path"|"\$import |"\$[^"\n]{0,200}\('
    rb'|"_instantiator"|"parent_library"|"structure"|"tokenizer_class"\s*:\s*"[A-Za-z_]\w*\.'
    rb'|"(?:default_)?activation_f\w*"\s*:\s*"[A-Za-z_]\w*\.'
)
_YAML = re.compile(
    rb"_target_|python[/%]|%TAG|!<|\\x5f|\\u005f|class_path|_instantiator|\A(?:\xff\xfe|\xfe\xff)"
)
_CFG = re.compile(rb"(?m)^\[(?:nlp|components|initialize|training)\b")
_OWN_NAMES = {"modules.json": b'"type"', "model_index.json": b'"_class_name"'}
_FIRST = {
    ".json": (
        b"_target_", b'"py/', b"\\u00", b"class_path", b'"$', b"activation_f", b"_instantiator",
        b"parent_library", b'"structure"', b"tokenizer_class",
    ),
    ".yaml": (
        b"_target_", b"python", b"%TAG", b"!<", b"\\x5f", b"\\u005f", b"class_path",
        b"_instantiator",
    ),
    ".cfg": (b"[nlp]", b"[initialize", b"[training", b"[components"),
}  # fmt: skip


class CodeName(NamedTuple):
    """One name that a loader looks up because of the configuration.

    Attributes:
        how: ``target`` (called, with the settings beside it), ``class`` (an object is made of it),
            ``name`` (looked up), ``module`` (imported), ``apply`` (called with given arguments),
            ``text`` (source that is evaluated), ``registry`` (looked up in spaCy's registry).
        key: The key or tag that names it.
        name: The dotted name, or the text.
        line: Line, from 1; None where it is not known.
        given: Texts beside it, joined by blanks, cut to 300 characters.
    """

    how: str
    key: str
    name: str
    line: int | None
    given: str = ""


class ConfigCode(NamedTuple):
    """The names of code in a configuration.

    Attributes:
        kind: ``json``, ``yaml`` or ``cfg``.
        names: They, in order.
    """

    kind: str
    names: tuple[CodeName, ...] = ()


def looks_like_config_code(artifact: Artifact, head: bytes) -> bool:
    """Return True for a configuration that bears the marks of naming code."""
    leaf = artifact.leaf.lower()
    suffix = leaf[leaf.rfind(".") :]
    suffix = ".yaml" if suffix in (".yml", ".yaml") else suffix
    pattern = {".json": _JSON, ".yaml": _YAML, ".cfg": _CFG}.get(suffix)
    if pattern is None or leaf == "tokenizer.json":  # whose vocabulary has any word there is
        return False
    if leaf in _OWN_NAMES:
        return _OWN_NAMES[leaf] in head and (head[:1] == b"[" or beside_model(artifact))
    data = head
    if artifact.reader.size > len(head):
        data = artifact.reader.pread(0, _SEARCHED)
    if not any(mark in data for mark in _FIRST[suffix]) and data[:1] not in (b"\xff", b"\xfe"):
        return False
    return bool(pattern.search(data))


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a configuration.

    Returns:
        A ``ConfigCode``; expressions that a loader evaluates as a member.

    Raises:
        ParseError: It is neither JSON nor YAML.
        LimitExceeded: It is longer than 16 MiB, or holds more than is read.
    """
    if artifact.reader.size > _MOST:
        raise LimitExceeded(f"a configuration of more than {_MOST} bytes is not read")
    budget.check_time()
    data = artifact.reader.pread(0, _MOST)
    leaf = artifact.leaf.lower()
    if leaf.endswith(".json"):
        from .config_json import read_json

        return read_json(data, leaf)
    if leaf.endswith(".cfg"):
        from .config_spacy import read_cfg

        return Parsed(read_cfg(data))
    from .config_yaml import read_yaml

    return read_yaml(data)


def checked(names: list[CodeName]) -> tuple[CodeName, ...]:
    """Return names, each once. Raises LimitExceeded when there are more than are kept."""
    if len(names) > MOST_NAMES:
        raise LimitExceeded(f"a configuration that names code more than {MOST_NAMES} times")
    return tuple(dict.fromkeys(names))


def not_read(what: str, error: Exception) -> ParseError:
    """Return the error for text that is not what its name says."""
    return ParseError(f"not {what} ({type(error).__name__})")
