"""The closed list of settings: one line per key, the same for files, environment and options."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ..errors import SettingsError
from ..findings import Severity
from ..limits import GIB, KIB, MIB

LEVELS = tuple(level.label for level in sorted(Severity, reverse=True))
COLORS = ("auto", "always", "never")
_UNITS = {"": 1, "b": 1, "k": KIB, "kb": KIB, "kib": KIB, "m": MIB, "mb": MIB, "mib": MIB}
_UNITS |= {"g": GIB, "gb": GIB, "gib": GIB, "t": 1024 * GIB, "tb": 1024 * GIB, "tib": 1024 * GIB}
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


class Key(NamedTuple):
    """One setting.

    Attributes:
        name: As files spell it; the variable is ``SENTINEL_`` and the name in capitals.
        field: Attribute of ``Settings``, or of ``Limits`` for limits.
        parse: Turns what was written into the value. Raises ValueError with what was expected.
        help: What it does, in one line.
        choices: The values there are, where they can be listed.
    """

    name: str
    field: str
    parse: Callable[[object], object]
    help: str
    choices: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """Name of the environment variable."""
        return "SENTINEL_" + self.name.upper().replace("-", "_")

    @property
    def metavar(self) -> str:
        """What stands for the value in help texts."""
        return "SIZE" if self.parse is _size else "SECONDS" if self.parse is _seconds else "N"


def _severity(value: object) -> Severity:
    word = str(value).lower()
    if word not in LEVELS:
        raise ValueError(_expected(LEVELS, word))
    return Severity[word.upper()]


def _threshold(value: object) -> Severity | None:
    word = str(value).lower()
    if word not in (*LEVELS, "never"):
        raise ValueError(_expected((*LEVELS, "never"), word))
    return None if word == "never" else _severity(word)


def _one_of(choices: tuple[str, ...]) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if value not in choices:
            raise ValueError(_expected(choices, str(value)))
        return str(value)

    return parse


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUE + _FALSE:
        return value.lower() in _TRUE
    raise ValueError("expected true or false")


def _whole(least: int) -> Callable[[object], int]:
    def parse(value: object) -> int:
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(f"expected a whole number of at least {least}")
        return value

    return parse


def _size(value: object) -> int:
    if isinstance(value, str):
        number = value.strip().rstrip("bBkKmMgGtTiI ")
        unit = value.strip()[len(number) :].strip().lower()
        if number.isascii() and number.isdigit() and len(number) < 19 and unit in _UNITS:
            value = int(number) * _UNITS[unit]
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("expected a size such as 1000000, 64MB or 10GB")
    return value


def _seconds(value: object) -> float:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e9:
        raise ValueError("expected a number of seconds above 0")
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError("expected some text")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [part for part in value.split(",") if part]
    if not isinstance(value, (list, tuple)):
        raise ValueError("expected a list of texts")
    return tuple(_text(item) for item in value)


KEYS: tuple[Key, ...] = (
    Key("fail-on", "fail_on", _threshold, "lowest severity that fails the run", (*LEVELS, "never")),
    Key("min-severity", "min_severity", _severity, "lowest severity the text report shows", LEVELS),
    Key("format", "format", _text, "format of the report on standard output"),
    Key("require-complete", "require_complete", _flag, "exit 3 when something was not examined"),
    Key("require-files", "require_files", _flag, "exit 3 when no model file was found"),
    Key("include-suppressed", "include_suppressed", _flag, "show accepted findings too"),
    Key("exclude", "exclude", _texts, "patterns of files and directories to leave out"),
    Key("baseline", "baseline", _text, "report whose findings are known and do not fail the run"),
    Key("suppressions", "suppressions", _text, "file with [[suppress]] entries"),
    Key("jobs", "jobs", _whole(0), "processes to scan with; 0 for one per processor"),
    Key("color", "color", _one_of(COLORS), "when to colour the text report", COLORS),
    Key("category", "category", _text, "name of this analysis in SARIF"),
)
"""All settings but the limits."""

LIMITS: tuple[Key, ...] = (
    Key("max-size", "max_file_size", _size, "largest file that is opened"),
    Key("max-depth", "max_depth", _whole(1), "containers within containers"),
    Key("max-members", "max_members", _whole(1), "members over all containers of one file"),
    Key("max-expanded", "max_expanded", _size, "bytes that decompression may give for one file"),
    Key("max-ratio", "max_ratio", _whole(1), "bytes out per byte in while decompressing"),
    Key("max-opcode-bytes", "max_opcode_bytes", _size, "bytes of pickle that are interpreted"),
    Key("max-text", "max_text", _size, "largest text member that is read whole"),
    Key("timeout", "timeout", _seconds, "seconds for one file"),
)
"""Keys of the ``[limits]`` table, which are variables and options of their own."""

BY_FIELD: dict[str, Key] = {key.field: key for key in (*KEYS, *LIMITS)}
LIMIT_FIELDS = frozenset(key.field for key in LIMITS)


def parse(key: Key, value: object, source: str) -> object:
    """Return the value of a key.

    Raises:
        SettingsError: The value makes no sense; names where it was written.
    """
    try:
        return key.parse(value)
    except ValueError as error:
        raise SettingsError(f"{source}: {value!r} will not do: {error}") from None


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the known word most like ``word``, or an empty string."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, list(known), 1, cutoff)), "")


def unknown(word: str, known: Iterable[str], source: str) -> SettingsError:
    """Return the error for a key that does not exist, naming the one it is most like."""
    known = sorted(known)
    likely = nearest(word, known)
    hint = f"did you mean {likely!r}?" if likely else f"the keys are {', '.join(known)}"
    return SettingsError(f"{source}: there is no key {word!r}", hint)


def _expected(choices: Iterable[str], word: str) -> str:
    likely = nearest(word, choices)
    text = f"expected one of {', '.join(choices)}"
    return f"{text}; did you mean {likely}?" if likely else text
