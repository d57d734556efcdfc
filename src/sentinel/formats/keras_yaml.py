"""Keras configurations in YAML, as Keras 1 and 2 wrote them until TensorFlow 2.6.

There is no YAML reader in the standard library, and none is needed: lines of ``key: value`` tell
which classes are named, and tags tell what a loader of that time would construct. It loaded them
with ``yaml.unsafe_load`` (CVE-2021-37678).
"""

from __future__ import annotations

import re

from .keras_config import KerasCode, KerasConfig, KerasObject, KerasText

_KEPT = 20_000
_CUT = 300
_PAIR = re.compile(
    r"""(?<![\w"'])["']?(class_name|module|registered_name|function_type|function|vocabulary"""
    r"""|filepath|keras_version)["']?\s*:\s*["']?([^\s"',}\]#][^"',}\]#\n]*)"""
)
_TAG = re.compile(r"(?:!!?python/[\w:./]+|!<tag:yaml\.org,2002:python/[^>\s]+>)[^\n]{0,120}")
_HARMLESS = re.compile(r"!!python/(?:tuple|unicode|str|int|float|bool|none|complex|list|dict)\b")
_TEXTS = frozenset(("function", "vocabulary", "filepath"))


def read_yaml(data: bytes) -> KerasConfig:
    """Return what a configuration in YAML names.

    Args:
        data: Its text.
    """
    text = data.decode("utf-8", "replace")
    objects: list[KerasObject] = []
    code: list[KerasCode] = []
    functions: list[KerasText] = []
    paths: list[KerasText] = []
    version = owner = module = ""
    for found in list(_PAIR.finditer(text))[:_KEPT]:
        key, value = found[1], found[2].strip()[:_CUT]
        place = f"line {text.count(chr(10), 0, found.start()) + 1}" if len(objects) < 200 else key
        if key == "class_name":
            owner = value
            objects.append(KerasObject(value, module, "", "", place))
            module = ""
        elif key == "keras_version":
            version = value[:40]
        elif key == "module":
            module = value
        elif key in _TEXTS:
            if key == "function" and "python/tuple" in value:
                code.append(KerasCode(place, 0, ()))
            elif key == "function":
                functions.append(KerasText(key, owner, value, place))
            else:
                paths.append(KerasText(key, owner, value, place))
    tags = [tag for tag in _TAG.findall(text) if not _HARMLESS.match(tag)]
    return KerasConfig(
        tuple(objects), tuple(code), tuple(functions), tuple(paths), tuple(tags[:100]), version
    )
