"""The names of files that list packages to install, and whether such a file is looked at.

Every source tree has them. They are read where they belong to a model, or where the user named
them; names alone decide, so that no other file is opened for it.
"""

from __future__ import annotations

import re
from functools import cache

from ..artifacts import Artifact

_LIST = r"(?:[\w.-]*[-_.])?(?:requirements?|constraints?)(?:[-_.][\w.-]*)?\.(?:txt|in|pip)\Z"
_ENDINGS = (".txt", ".in", ".pip")
_KINDS = {
    "conda.yaml": "conda", "conda.yml": "conda", "environment.yaml": "conda",
    "environment.yml": "conda", "python_env.yaml": "python-env", "python_env.yml": "python-env",
    "pyproject.toml": "pyproject", "setup.cfg": "setup-cfg", "setup.py": "setup-py",
}  # fmt: skip


def is_list(name: str) -> bool:
    """Return True for the name of a requirements file.

    Args:
        name: A path or a name.
    """
    above, _, leaf = name.replace("\\", "/").lower().rpartition("/")
    if ("requirement" in leaf or "constraint" in leaf) and _pattern().match(leaf):
        return True
    return above.rpartition("/")[2] == "requirements" and leaf.endswith(_ENDINGS)


def kind_of(name: str) -> str:
    """Return the kind of list that a file's name stands for, or an empty text.

    Args:
        name: A path or a name.
    """
    leaf = name.replace("\\", "/").rpartition("/")[2].lower()
    return _KINDS.get(leaf, "") or ("requirements" if is_list(name) else "")


def looks_like_dependencies(artifact: Artifact, head: bytes) -> bool:
    """Return True for a list of packages that the user named, or that stands beside a model."""
    name = artifact.member or artifact.name
    if not _may_be(name) or not kind_of(name):
        return False
    from .surroundings import beside_model

    return beside_model(artifact)


def _may_be(name: str) -> bool:
    """Return False for most files: this is asked of every text in a tree."""
    if name.endswith(_ENDINGS):
        return "equirement" in name or "onstraint" in name or not name.islower()
    return True


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(_LIST, re.A)
