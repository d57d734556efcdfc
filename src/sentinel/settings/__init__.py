"""Settings: command line, then ``SENTINEL_*``, then ``sentinel.toml`` or ``[tool.sentinel]``.

The list of keys is closed: an unknown one is an error that names the nearest known one, because a
misspelt ``fail-on`` that is passed over in silence is a gate that stands open.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import SettingsError
from ..findings import Severity
from ..limits import DEFAULT_LIMITS, Limits
from .files import SettingsFile, discover, git_root, read_settings
from .schema import BY_FIELD, KEYS, LIMIT_FIELDS, LIMITS, Key, nearest, parse, unknown

if TYPE_CHECKING:
    from .suppressions import Suppression

__all__ = ["Settings", "git_root", "load"]

_PREFIX = "SENTINEL_"
_PATHS = ("baseline", "suppressions")


class Settings(NamedTuple):
    """The settings of a run.

    Attributes:
        fail_on: Lowest severity that fails the run; None for never.
        min_severity: Lowest severity the text report shows.
        format: Format of the report on standard output.
        require_complete: Whether something not examined gives exit code 3.
        require_files: Whether finding no model file gives exit code 3.
        include_suppressed: Whether accepted findings are shown.
        exclude: Patterns of what a walk leaves out, counted from ``base``.
        baseline: Path of a baseline; empty for none.
        suppressions: Path of a suppression file; empty for none.
        jobs: Processes to scan with; 0 for one per processor.
        color: ``auto``, ``always`` or ``never``.
        category: Name of the analysis in SARIF.
        limits: Bounds of the scan of one file.
        suppress: Accepted findings from the settings file.
        source: The settings file; empty when there was none.
        base: Directory that ``exclude`` counts from.
        origins: Where each value that is not a default came from, by field.
        notices: Remarks for the user.
    """

    fail_on: Severity | None = Severity.HIGH
    min_severity: Severity = Severity.INFO
    format: str = "text"
    require_complete: bool = True
    require_files: bool = False
    include_suppressed: bool = False
    exclude: tuple[str, ...] = ()
    baseline: str = ""
    suppressions: str = ""
    jobs: int = 1
    color: str = "auto"
    category: str = "models"
    limits: Limits = DEFAULT_LIMITS
    suppress: tuple[Suppression, ...] = ()
    source: str = ""
    base: str = ""
    origins: Mapping[str, str] = MappingProxyType({})
    notices: tuple[str, ...] = ()

    def value(self, key: Key) -> object:
        """Return the value of a key of the schema."""
        return getattr(self.limits if key.field in LIMIT_FIELDS else self, key.field)


def load(
    options: Mapping[str, object],
    environ: Mapping[str, str],
    *,
    config: str = "",
    search: bool = True,
    defaults: Settings | None = None,
) -> Settings:
    """Return the settings of a run.

    Args:
        options: Values from the command line by field; None for an option that was not given.
        environ: The environment.
        config: A settings file the user named; ``SENTINEL_CONFIG`` names one too.
        search: Whether to look for a file when none was named.
        defaults: Where to start from.

    Raises:
        SettingsError: A key or value that makes no sense, or a file that cannot be used.
    """
    draft = _Draft()
    named = config or (environ.get("SENTINEL_CONFIG", "") if search else "")
    found = read_settings(named) if named else discover(os.getcwd()) if search else None
    if found is not None:
        draft.read_file(found)
    draft.read_environment(environ)
    for name, value in options.items():
        if value is not None:
            key = BY_FIELD[name]
            draft.set(key, value, f"--{key.name}")
    start = defaults or Settings()
    base = os.path.dirname(os.path.abspath(found.path)) if found else os.getcwd()
    return draft.finish(start._replace(source=found.path if found else "", base=base))


class _Draft:
    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._origins: dict[str, str] = {}
        self._suppress: tuple[Suppression, ...] = ()
        self._notices: list[str] = []

    def set(self, key: Key, value: object, source: str) -> None:
        self._values[key.field] = parse(key, value, source)
        self._origins[key.field] = source

    def read_file(self, found: SettingsFile) -> None:
        known = {key.name: key for key in KEYS}
        for name, value in found.table.items():
            if name == "limits":
                self._read_limits(value, found.path)
            elif name == "suppress":
                from .suppressions import parse_suppressions

                self._suppress = parse_suppressions(value, found.path)
            elif (key := known.get(name.replace("_", "-"))) is not None:
                self.set(key, value, f"{found.path}: {name}")
                self._resolve(key, found.path)
            else:
                raise unknown(name, [*known, "limits", "suppress"], found.path)

    def _resolve(self, key: Key, path: str) -> None:
        if key.field in _PATHS:
            base = os.path.dirname(os.path.abspath(path))
            self._values[key.field] = os.path.join(base, self._values[key.field])

    def _read_limits(self, table: object, path: str) -> None:
        if not isinstance(table, dict):
            raise SettingsError(f"{path}: limits is a table", "write [limits]")
        known = {key.name: key for key in LIMITS}
        for name, value in table.items():
            key = known.get(name.replace("_", "-"))
            if key is None:
                raise unknown(name, known, f"{path}: [limits]")
            self.set(key, value, f"{path}: limits.{name}")

    def read_environment(self, environ: Mapping[str, str]) -> None:
        known = {key.variable: key for key in BY_FIELD.values()}
        for name, value in environ.items():
            if not name.startswith(_PREFIX) or not value:
                continue
            if name in known:
                self.set(known[name], value, name)
            elif name != "SENTINEL_CONFIG" and (likely := nearest(name, known, 0.88)):
                # Other programs use the prefix too, so this cannot be an error.
                self._notices.append(f"{name} is not a setting; did you mean {likely}?")

    def finish(self, settings: Settings) -> Settings:
        limits = {name: self._values.pop(name) for name in LIMIT_FIELDS & self._values.keys()}
        return settings._replace(
            **self._values,
            limits=settings.limits._replace(**limits),
            suppress=self._suppress,
            origins=self._origins,
            notices=tuple(self._notices),
        )
