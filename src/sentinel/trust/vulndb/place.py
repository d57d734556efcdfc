"""Where the database of known vulnerabilities lies."""

from __future__ import annotations

import os

_NAME = os.path.join("sentinel-mlsecops", "vulnerabilities-pypi.db")


def default_path() -> str:
    """Return the path in the user's folder for data (XDG Base Directory; AppData on Windows)."""
    variable = "LOCALAPPDATA" if os.name == "nt" else "XDG_DATA_HOME"
    base = os.environ.get(variable, "")
    if not os.path.isabs(base):  # the specification says to ignore such a value
        base = os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(base, _NAME)
