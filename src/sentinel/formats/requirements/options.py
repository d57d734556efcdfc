"""Options in a requirements file, told as pip tells them: short, long, abbreviated, run together.

pip reads them with ``optparse``, which takes any beginning of a long option that fits one alone,
and a value right behind a short one.
"""

from __future__ import annotations

from typing import NamedTuple

from ...errors import ParseError

_VALUE = {
    "--index-url": "index", "--pypi-url": "index", "--extra-index-url": "extra-index",
    "--constraint": "-c", "--requirement": "-r", "--editable": "-e", "--find-links": "find-links",
    "--no-binary": "build", "--only-binary": "other", "--trusted-host": "trusted-host",
    "--use-feature": "other", "--hash": "hash", "--config-settings": "build",
    "--config-setting": "build", "--global-option": "build", "--install-option": "build",
    "--build-option": "build", "--all-releases": "pre", "--only-final": "other",
    "--uploaded-prior-to": "other", "--build-constraint": "-c", "--allow-external": "other",
    "--allow-unverified": "trusted-host", "--unstable-feature": "other",
}  # fmt: skip
_SWITCH = {
    "--no-index": "no-index", "--prefer-binary": "other", "--require-hashes": "require-hashes",
    "--no-require-hashes": "other", "--pre": "pre", "--process-dependency-links": "find-links",
    "--always-unzip": "other", "--no-use-wheel": "build", "--use-wheel": "other",
    "--allow-all-external": "other",
}  # fmt: skip
_SHORT = {
    "-i": "--index-url", "-c": "--constraint", "-r": "--requirement", "-e": "--editable",
    "-f": "--find-links", "-C": "--config-settings", "-Z": "--always-unzip",
}  # fmt: skip
_OLD = frozenset(
    ("--process-dependency-links", "--always-unzip", "--no-use-wheel", "--use-wheel",
     "--allow-all-external", "--allow-external", "--allow-unverified", "--install-option",
     "--build-option", "--build-constraint", "--unstable-feature", "--uploaded-prior-to",
     "--global-option")
)  # fmt: skip
"""Options of some version of pip: an abbreviation need not be told from these."""


class Given(NamedTuple):
    """An option as it was given.

    Attributes:
        kind: ``index``, ``extra-index``, ``find-links``, ``trusted-host``, ``no-index``, ``pre``,
            ``require-hashes``, ``hash``, ``build``, ``-r``, ``-c``, ``-e``, or ``other``.
        name: Its long name.
        value: Its value; empty for a switch.
    """

    kind: str
    name: str
    value: str = ""


def split(line: str) -> tuple[str, str]:
    """Return the requirement and the options of a line, each possibly empty.

    Args:
        line: A line without comments.
    """
    words = line.split(" ")
    count = 0
    for word in words:
        if word.startswith("-"):
            break
        count += 1
    return " ".join(words[:count]), " ".join(words[count:])


def read_options(text: str) -> list[Given]:
    """Return the options of a line; words that are none are passed over, as pip does.

    Args:
        text: What follows the requirement.

    Raises:
        ParseError: There is one that pip does not know, or a quotation mark without its mate.
    """
    import shlex

    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ParseError("a quotation mark without its mate") from error
    found: list[Given] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            break
        if not word.startswith("-") or word == "-":
            continue
        name, equals, value = _parted(word)
        if name in _SWITCH:
            if equals:
                raise ParseError(f"a value for {name}, which takes none")
            found.append(Given(_SWITCH[name], name))
            continue
        if not equals:
            following = next(rest, None)
            if following is None:
                raise ParseError(f"no value for {name}")
            value = following
        found.append(Given(_VALUE[name], name, value))
    return found


def _parted(word: str) -> tuple[str, bool, str]:
    if not word.startswith("--"):
        name = _SHORT.get(word[:2])
        if name is None:
            raise ParseError("an option that is not known")
        if name in _SWITCH and len(word) > 2:
            raise ParseError("options run together that are not known")
        return name, len(word) > 2, word[2:]
    given, equals, value = word.partition("=")
    return _whole(given), bool(equals), value


def _whole(given: str) -> str:
    """Return the option that a word is, or is the beginning of."""
    if given in _VALUE or given in _SWITCH:
        return given
    fits = [name for name in (*_VALUE, *_SWITCH) if name.startswith(given)]
    for allowed in ([name for name in fits if name not in _OLD], fits):
        meanings = {_VALUE.get(name, _SWITCH.get(name)) for name in allowed}
        if len(allowed) == 1 or (allowed and len(meanings) == 1):
            return allowed[0]
    raise ParseError("an option that is not known")
