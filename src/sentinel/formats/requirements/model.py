"""What a list of packages to install says, whichever kind of file it is."""

from __future__ import annotations

import re
from typing import NamedTuple

INSTALLED = "installed"
"""The file is part of a package that a server or loader installs (MLflow, BentoML, TorchServe)."""
BESIDE = "beside"
"""The file stands beside a model, and people install it by hand."""
ALONE = "alone"
"""No model is near; the user named the file."""

_RUN = re.compile(r"[-_.]+")


def normal(name: str) -> str:
    """Return a package's name as indexes compare it (PEP 503)."""
    return _RUN.sub("-", name).lower()


class Source(NamedTuple):
    """Where a package comes from that is not looked up in an index.

    Attributes:
        kind: ``vcs``, ``url`` or ``path``.
        address: The address or path, without user, password and tokens.
        scheme: Lower case (``git+https``); empty for a path.
        host: Lower case, without port; empty for a path.
        revision: What a VCS is asked to check out; empty for its newest state.
        fixed: True where only one content can satisfy it: a whole commit id, or a hash.
        secret: True when a password, or a token in place of a user, was written into it.
        outside: How a path leads out of the folder of the file; empty when it stays.
    """

    kind: str
    address: str
    scheme: str = ""
    host: str = ""
    revision: str = ""
    fixed: bool = False
    secret: bool = False
    outside: str = ""


class Clause(NamedTuple):
    """One condition on a version: ``>=`` and ``1.2``. ``^`` is Poetry's, ``=`` is conda's."""

    operator: str
    version: str


class Requirement(NamedTuple):
    """One package that is asked for.

    Attributes:
        name: As it is spelled; empty for an address that does not name one.
        extras: Names of extras.
        clauses: Conditions on the version; all must hold.
        marker: When it is wanted (PEP 508), as text; empty for always.
        source: Where it comes from, or None for an index.
        hashes: Hashes given with it (``sha256:...``).
        options: Options of building it, without their values.
        editable: True for ``-e``.
        section: ``pip``, ``constraint``, ``conda``, ``build`` or ``extra`` (wanted on request).
        line: Line, from 1; None where it is not known.
        file: The file that was included and holds it; empty for the artifact itself.
        text: The whole of it without secrets.
    """

    name: str
    extras: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()
    marker: str = ""
    source: Source | None = None
    hashes: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    editable: bool = False
    section: str = "pip"
    line: int | None = None
    file: str = ""
    text: str = ""

    @property
    def key(self) -> str:
        """The name as indexes compare it."""
        return normal(self.name)

    @property
    def pin(self) -> str:
        """The one version that satisfies it, or an empty text: ``==2.*`` is no pin."""
        for operator, version in self.clauses:
            if operator == "===" or (operator in ("==", "=") and "*" not in version):
                return version
        return ""


class Option(NamedTuple):
    """A setting that decides where packages come from.

    Attributes:
        kind: ``index``, ``extra-index``, ``find-links``, ``trusted-host``, ``channel``,
            ``no-index``, ``pre``, ``require-hashes`` or ``build`` (options of building).
        value: Its value without secrets; empty for a switch.
        scheme: Of an address, lower case; empty where it has none.
        host: Of an address, lower case.
        secret: True when a password or token was written into it.
        line: Line, from 1; None where it is not known.
        file: The included file that holds it; empty for the artifact itself.
    """

    kind: str
    value: str = ""
    scheme: str = ""
    host: str = ""
    secret: bool = False
    line: int | None = None
    file: str = ""


class Include(NamedTuple):
    """Another file that is read in its place (``-r``) or for its conditions (``-c``).

    Attributes:
        kind: ``-r`` or ``-c``.
        target: Its name as it is spelled, without secrets.
        outcome: ``read``, ``elsewhere`` (met under its own name), ``outside``, ``address``,
            ``missing``, ``cycle``, ``deep`` or ``unseen`` (there is no folder to look in).
        detail: How it leads outside.
        line: Line, from 1.
        file: The included file that names it; empty for the artifact itself.
    """

    kind: str
    target: str
    outcome: str
    detail: str = ""
    line: int | None = None
    file: str = ""


class Declared(NamedTuple):
    """A version that something beside the file says the model was made with.

    Attributes:
        package: Normal name.
        version: The version.
        origin: What says so (``MLmodel``, ``model.pkl``).
    """

    package: str
    version: str
    origin: str


class Dependencies(NamedTuple):
    """Everything that a list of packages says.

    Attributes:
        kind: ``requirements``, ``conda``, ``python-env``, ``pyproject``, ``setup-cfg`` or
            ``setup-py``.
        standing: ``installed``, ``beside`` or ``alone``.
        requirements: The packages.
        options: Where they come from.
        includes: Other files that it names.
        declared: Versions that the model's own files name.
        loader: The module outside of MLflow that loads the model beside it, or empty.
    """

    kind: str
    standing: str = ALONE
    requirements: tuple[Requirement, ...] = ()
    options: tuple[Option, ...] = ()
    includes: tuple[Include, ...] = ()
    declared: tuple[Declared, ...] = ()
    loader: str = ""
