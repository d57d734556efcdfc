"""Lists of packages to install: facts about what pip and conda would fetch, and from where.

Read are requirements files with all that pip takes in them, conda's and MLflow's environments,
``pyproject.toml``, ``setup.cfg`` and ``setup.py``. Nothing is installed, looked up or run, and no
password that stands in an address is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ...artifacts import Artifact
from ...errors import LimitExceeded
from ...limits import Budget
from ..contract import Parsed
from ..dependency_names import kind_of
from .model import Dependencies
from .reader import MOST_BYTES, Gatherer

_Reading = Callable[[Gatherer, bytes], None]


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a list of packages.

    Args:
        artifact: The file; its name says its kind, and one of no known name is a requirements file.
        budget: Pays in time.

    Returns:
        ``Dependencies``; lines that pip would refuse and files that are not read are gaps.

    Raises:
        ParseError: It is not what its name says.
        LimitExceeded: It is longer than 4 MiB, or holds more than is kept.
        ReadError: It cannot be read.
    """
    if artifact.reader.size > MOST_BYTES:
        raise LimitExceeded(f"a list of packages of more than {MOST_BYTES} bytes is not read")
    budget.check_time()
    data = artifact.reader.pread(0, MOST_BYTES)
    kind = kind_of(artifact.member or artifact.name) or _kind_by_content(artifact, data)
    gatherer = Gatherer(artifact, budget)
    _reading(kind)(gatherer, data)

    from .beside import look_beside

    beside = look_beside(artifact, budget)
    model = Dependencies(
        kind,
        beside.standing,
        tuple(gatherer.requirements),
        tuple(gatherer.options),
        tuple(gatherer.includes),
        beside.declared,
        beside.loader,
    )
    return Parsed(model, gaps=tuple(gatherer.gaps))


def _kind_by_content(artifact: Artifact, data: bytes) -> str:
    if not artifact.leaf.lower().endswith((".yaml", ".yml")):
        return "requirements"
    return "python-env" if re.search(rb"(?m)^build_dependencies\s*:|^python\s*:", data) else "conda"


def _reading(kind: str) -> _Reading:
    if kind in ("conda", "python-env"):
        from .conda import read_conda, read_python_env

        return read_conda if kind == "conda" else read_python_env
    if kind != "requirements":
        from . import project

        readings: dict[str, _Reading] = {
            "pyproject": project.read_pyproject,
            "setup-cfg": project.read_setup_cfg,
            "setup-py": project.read_setup_py,
        }
        return readings[kind]
    return Gatherer.add_text
