"""What we think of the packages that a model asks for: names, versions and hashes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.requirements import version
from ..formats.requirements.model import (
    INSTALLED,
    Declared,
    Dependencies,
    Requirement,
    normal,
)
from . import RuleContext, rule
from .package_floors import floors_of, too_old
from .supply_chain_common import LISTED, first, graver, shown, told

_REQUIREMENTS = ("requirements",)
_MANAGED = frozenset(("python", "pip", "setuptools", "wheel"))
_CONDA_NAMES = {"pytorch": "torch", "py-xgboost": "xgboost"}
_LETTERS = str.maketrans(
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0455\u0458\u04bb\u0501"
    "\u03bf\u03b1\u03bd\u03c1\u0131\u217c\u0261",
    "aceopxyisjhdoavpilg",
)
"""Letters of Cyrillic, Greek and others that look like Latin ones."""


def _loose(one: Requirement) -> bool:
    plain = one.source is None and not one.pin and one.section in ("pip", "conda")
    return plain and not (one.section == "conda" and one.key in _MANAGED)


def _included(one: Requirement) -> bool:
    return bool(one.file)


@rule("SNT1802", "requirement-not-pinned", severity=Severity.LOW, formats=_REQUIREMENTS,
      cwe="CWE-1357")  # fmt: skip
def unpinned(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """A package may be installed in more than one version.

    **What.** Neither `==` nor `===` names the one version that is wanted; `==2.*`, `>=2` and `~=2`
    name many. Low where a server installs the list with the model, else a fact.

    **Why it matters.** What is installed tomorrow is not what was tested, and a version that an
    attacker publishes is taken by itself.

    **Fix.** Pin the version, best with its hashes (`pip-compile --generate-hashes`).
    """
    declares = found.kind in ("pyproject", "setup-cfg", "setup-py")  # there it is the custom
    if found.standing == INSTALLED and not declares:
        for one in first(found.requirements, _loose):
            yield told(
                context, one, f"{one.name} is not pinned to one version", evidence=shown(one),
                remedy="Pin it with ==.",
            )  # fmt: skip
        return
    loose = sorted((one for one in found.requirements if _loose(one)), key=_included)
    if loose:
        names = ", ".join(dict.fromkeys(one.name for one in loose))
        finding = told(
            context, loose[0], f"{len(loose)} of {len(found.requirements)} packages are not pinned",
            evidence=names, severity=Severity.INFO, remedy="Pin them with ==.",
        )  # fmt: skip
        lines = (finding.location._replace(line=one.line) for one in loose if not one.file)
        yield finding._replace(locations=tuple(dict.fromkeys((finding.location, *lines)))[:LISTED])


@rule("SNT1803", "requirement-without-hash", severity=Severity.INFO, formats=_REQUIREMENTS,
      cwe="CWE-353")  # fmt: skip
def without_hash(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """Packages are installed without a check of their content.

    **What.** A requirements file has no `--hash`, or some of its lines have none.

    **Why it matters.** A pinned version is only a name: the index decides what it stands for.

    **Fix.** Generate the file with hashes (`pip-compile --generate-hashes`, `uv pip compile`).
    """
    if found.kind != "requirements":
        return
    lacking = [one for one in found.requirements if not one.hashes and one.section == "pip"
               and not (one.source and one.source.fixed)]  # fmt: skip
    hashed = any(one.hashes for one in found.requirements)
    for one in sorted(lacking, key=_included)[: LISTED if hashed else 1]:
        message = f"{one.name or 'a package'} has no hash"
        if not hashed:
            message = f"{len(lacking)} of {len(found.requirements)} packages have no hash"
        yield told(context, one, message, evidence=shown(one))


@rule("SNT1813", "package-name-deceives", severity=Severity.HIGH, formats=_REQUIREMENTS,
      cwe="CWE-1007")  # fmt: skip
def deceptive_name(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """The name of a package holds letters that only look like those of another.

    **What.** A name with letters other than `A-Z a-z 0-9 . _ -`, which no package can have: letters
    of other scripts, full-width ones, characters that are not seen.

    **Why it matters.** It was written to be read as another name. pip refuses it; other tools, and
    people who copy it, may not.

    **Fix.** Treat the list as hostile.
    """
    for one in first(found.requirements, lambda one: not one.name.isascii()):
        likely = _skeleton(one.name)
        looks = f"; it looks like {likely}" if likely.isascii() and likely else ""
        yield told(
            context, one, f"the package {one.name!a} has letters that no name has{looks}",
            evidence=ascii(one.text), remedy="Do not install this list.",
        )  # fmt: skip


def _skeleton(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).translate(_LETTERS)
    return "".join(
        letter for letter in plain if unicodedata.category(letter) not in ("Cf", "Mn", "Cc")
    )


@rule("SNT1815", "versions-before-release", severity=Severity.LOW, formats=_REQUIREMENTS,
      cwe="CWE-1357")  # fmt: skip
def before_release(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """Versions before a release are taken too.

    **What.** `--pre`, for all packages.

    **Why it matters.** A version that its makers do not call finished is installed, and one that
    was published for a test only.

    **Fix.** Pin the one version before a release that is needed.
    """
    for option in first(found.options, lambda one: one.kind == "pre"):
        yield told(context, option, "versions before a release are installed too",
                   evidence=f"--pre {option.value}".strip())  # fmt: skip


@rule("SNT1816", "package-known-unsafe", severity=Severity.MEDIUM, formats=_REQUIREMENTS,
      cwe="CWE-1395")  # fmt: skip
def known_unsafe(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """A library that loads models is asked for in a version that is known to do so unsafely.

    **What.** A pin, or an upper bound, below the first safe version in a small dated table
    (`data/package_floors.toml`): PyTorch, Keras, joblib, MLflow, transformers, PyYAML. It is no
    substitute for a database of vulnerabilities.

    **Why it matters.** Files that are safe to load with a newer version run code with this one.

    **Fix.** Ask for the version that the message names, or a newer one.
    """
    for one in first(found.requirements, lambda one: one.source is None and one.clauses):
        package = _CONDA_NAMES.get(one.key, one.key) if one.section == "conda" else one.key
        for floor in floors_of(package):
            if too_old(one, floor):
                yield told(
                    context, one, f"{one.name} below {floor.below}: {floor.what} ({floor.id})",
                    evidence=f"{shown(one)} [{floor.id}]",
                    severity=graver(found, Severity.MEDIUM, Severity.LOW),
                    remedy=f"Ask for {package}>={floor.below}. See {floor.source}",
                )  # fmt: skip


@rule("SNT1817", "environment-differs-from-model", severity=Severity.LOW, formats=_REQUIREMENTS,
      cwe="CWE-1104")  # fmt: skip
def differs(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """The model was made with another version than the one that is installed for it.

    **What.** A pin differs from the version that `MLmodel` names, that scikit-learn wrote into the
    pickle, or that the requirements file beside pins.

    **Why it matters.** Results may differ without a word, and somebody may have changed one of the
    files after the model was made.

    **Fix.** Pin the version that the model was made with.
    """
    for one in first(found.requirements, lambda one: one.pin and one.source is None):
        for made in found.declared:
            if made.package == one.key and _differ(one.pin, made):
                yield told(
                    context, one, f"{one.name} {one.pin} is installed, {made.origin} says "
                    f"{made.version}", evidence=f"{shown(one)} [{made.origin}: {made.version}]",
                    confidence=Confidence.MEDIUM,
                )  # fmt: skip


def _differ(pin: str, made: Declared) -> bool:
    ours, theirs = version.key(pin), version.key(made.version)
    return ours is not None and theirs is not None and ours != theirs


@rule("SNT1818", "loader-from-loose-package", severity=Severity.MEDIUM, formats=_REQUIREMENTS,
      cwe="CWE-829")  # fmt: skip
def loose_loader(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """The code that loads the model comes from a package that is not pinned.

    **What.** `loader_module` of `MLmodel` is a module of a package in this list, which may be
    installed in more than one version.

    **Why it matters.** Loading the model runs that package: whoever publishes its next version runs
    code where the model is served.

    **Fix.** Pin the package, best with its hash, or bring the loader with the model.
    """
    if not found.loader:
        return
    package = normal(found.loader.split(".")[0])
    for one in first(found.requirements, lambda one: one.key == package):
        certain = one.hashes or (one.source.fixed if one.source else one.pin)
        if not certain:
            yield told(
                context, one, f"{found.loader[:100]}, which loads the model, comes from a package "
                "that can change", evidence=shown(one), remedy="Pin it.",
            )  # fmt: skip
