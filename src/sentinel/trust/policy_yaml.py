"""YAML with nothing in it but plain values: no key twice, no anchors, bounded."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from ..errors import SettingsError
from ..limits import KIB
from .extras import need

MAX_SIZE = 256 * KIB
MAX_DEPTH = 20
_TAG = "tag:yaml.org,2002:"
_PLAIN = {
    f"{_TAG}int": (re.compile(r"0|-?[1-9][0-9]*"), "a whole number in plain digits"),
    f"{_TAG}bool": (re.compile(r"true|false"), "true or false"),
}


def parse(data: bytes, what: str) -> object:
    """Return the value of a YAML document.

    Anchors and aliases are refused: ten lines of them can stand for more values than there is
    memory. So are merge keys, tags beyond those of JSON's types, second documents, and what YAML
    1.1 and 1.2 read in two ways (``yes``, ``on``, ``010``, ``1:30``).

    Args:
        data: The document, UTF-8.
        what: Names the file, for messages.

    Raises:
        SettingsError: It is not such a document.
        UsageError: PyYAML is missing.
    """
    need("sign", "yaml")
    import yaml

    if len(data) > MAX_SIZE:
        raise SettingsError(f"{what}: larger than a policy may be ({MAX_SIZE} bytes)")
    try:
        loader = _loader()(data.decode("utf-8"))
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        text = " ".join(str(error).split())[:300]
        raise SettingsError(f"{what}: not a policy in YAML: {text}") from error
    except (ValueError, LookupError, RecursionError, OverflowError, AttributeError) as error:
        raise SettingsError(f"{what}: not a policy in YAML: {str(error)[:200]}") from error


def _loader() -> Any:
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        depth = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            event = self.peek_event()
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise yaml.composer.ComposerError(
                    None, None, "anchors and aliases are not read: write it out", event.start_mark
                )
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise yaml.composer.ComposerError(None, None, "nested too deeply", event.start_mark)
            node = super().compose_node(parent, index)
            self.depth -= 1
            return node

        def construct_object(self, node: Any, deep: bool = False) -> Any:
            form, what = _PLAIN.get(node.tag, (None, ""))
            if form is not None and not form.fullmatch(str(node.value)):
                raise yaml.constructor.ConstructorError(
                    None, None, f"write {what}, or a text in quotes", node.start_mark
                )
            return super().construct_object(node, deep=deep)

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
            seen: set[Hashable] = set()
            for key_node, _ in node.value:
                key = self.construct_object(key_node, deep=True)
                if key_node.tag == "tag:yaml.org,2002:merge" or not isinstance(key, str):
                    raise yaml.constructor.ConstructorError(
                        None, None, "keys are plain texts", key_node.start_mark
                    )
                if key in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key!r} stands there twice", key_node.start_mark
                    )
                seen.add(key)
            found: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
            return found

    return Loader
