"""Where packages come from: indexes, addresses, repositories, folders, other files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.requirements.model import Dependencies, Option, Requirement
from . import RuleContext, rule
from .supply_chain_common import (
    KNOWN_HOSTS,
    LOCAL_HOSTS,
    SHARED_HOSTS,
    first,
    graver,
    shown,
    spelled,
    told,
)

_REQUIREMENTS = ("requirements",)
_UNSURE = Confidence.MEDIUM
"""Of what is grave but not by itself hostile: careless people write it too."""
_INDEXES = frozenset(("index", "extra-index", "channel"))
_PLACES = frozenset((*_INDEXES, "find-links"))
_OPEN = re.compile(r"(?:(?:git|hg|svn|bzr)\+)?(?:http|ftp|git)\Z|svn\Z")
_CHANNELS = frozenset(
    (
        "defaults", "conda-forge", "main", "free", "r", "msys2", "anaconda", "pytorch", "nvidia",
        "pytorch-nightly", "huggingface", "rapidsai", "bioconda", "intel", "fastai", "xformers",
        "pyg", "dglteam", "nodefaults", "conda-forge-pypy", "fastchan", "h2oai", "apple",
    )
)  # fmt: skip
_JAX = re.compile(r"https://storage\.googleapis\.com/(?:jax|libtpu)-(?:releases|wheels)/")
_SPACY = re.compile(r"https://github\.com/explosion/spacy-models/releases/download/")
_PRIVATE = re.compile(
    r"(?:\A|-)(?:internal|intern|private|priv|inhouse|in-house|corp|corporate|intranet"
    r"|confidential|proprietary)(?:-|\Z)"
)


@rule("SNT1804", "foreign-package-index", severity=Severity.MEDIUM, formats=_REQUIREMENTS,
      cwe="CWE-427")  # fmt: skip
def foreign_index(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """Packages come from an index other than PyPI, or from a channel that is not well known.

    **What.** `--index-url`, `--extra-index-url`, a source of Poetry, uv or PDM, or a channel of
    conda. Indexes of well-known libraries are facts only.

    **Why it matters.** pip asks all indexes and takes the highest version that any of them has.
    Whoever can publish on one of them can give a private package's name a higher version there
    (dependency confusion); the index itself decides what runs at installation.

    **Fix.** Use one index that you control and that mirrors what is needed; pin versions and
    hashes.
    """
    for option in first(found.options, lambda one: one.kind in _INDEXES):
        known = option.host in KNOWN_HOSTS
        if option.kind == "channel" and not known:  # anybody has one on conda.anaconda.org
            path = option.value.removeprefix("https://conda.anaconda.org/")
            known = path.split("/")[0].lower() in _CHANNELS
        if option.kind != "extra-index" and known:
            continue
        severity = Severity.MEDIUM
        if known or option.host in LOCAL_HOSTS:
            severity = Severity.INFO
        elif "${" in option.value or not option.host or (option.kind == "channel"
                                                         and not option.scheme):  # fmt: skip
            severity = Severity.LOW
        elif option.kind == "index":
            severity = graver(found, Severity.MEDIUM, Severity.LOW)
        which = {"index": "packages come from", "extra-index": "packages may also come from",
                 "channel": "packages come from the channel"}[option.kind]  # fmt: skip
        yield told(
            context, option, f"{which} {option.host or option.value}"[:200],
            evidence=spelled(option), severity=severity,
            remedy="Use one index that you control, with pinned versions and hashes.",
        )  # fmt: skip


@rule("SNT1805", "unencrypted-package-source", severity=Severity.HIGH, formats=_REQUIREMENTS,
      cwe="CWE-319")  # fmt: skip
def unencrypted(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """Packages are fetched without encryption.

    **What.** The address of an index, a page of links, a channel, a repository or a file begins
    with `http:`, `ftp:`, `git:` or `svn:`.

    **Why it matters.** Anybody on the way decides what is installed, and so what runs.

    **Fix.** Use `https:` or `ssh:`. A hash or a whole commit id makes what arrives certain.
    """
    grave = graver(found, Severity.HIGH, Severity.MEDIUM)
    for option in first(found.options, lambda one: one.kind in _PLACES and _OPEN.match(one.scheme)):
        severity = Severity.LOW if option.host in LOCAL_HOSTS else grave
        yield told(
            context, option, f"packages come from {option.host} without encryption",
            evidence=spelled(option), severity=severity, confidence=_UNSURE, remedy="Use https.",
        )  # fmt: skip
    for one in first(found.requirements, lambda one: one.source and _OPEN.match(one.source.scheme)):
        assert one.source is not None
        certain = one.source.fixed or one.hashes or one.source.host in LOCAL_HOSTS
        yield told(
            context, one, f"{one.name or 'a package'} is fetched without encryption",
            evidence=shown(one), severity=Severity.LOW if certain else grave,
            confidence=_UNSURE, remedy="Use https, and pin a hash or a commit.",
        )  # fmt: skip


@rule("SNT1806", "index-trusted-without-certificate", severity=Severity.HIGH,
      formats=_REQUIREMENTS, cwe="CWE-295")  # fmt: skip
def trusted_host(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """The certificate of an index is not checked.

    **What.** `--trusted-host`, or uv's `allow-insecure-host`.

    **Why it matters.** Anybody on the way can stand in for that host, and decides what is
    installed.

    **Fix.** Remove the option; give pip the certificate of your authority (`--cert`).
    """
    for option in first(found.options, lambda one: one.kind == "trusted-host"):
        severity = graver(found, Severity.HIGH, Severity.MEDIUM)
        if option.host.split(":")[0] in LOCAL_HOSTS:
            severity = Severity.LOW
        yield told(
            context, option, f"the certificate of {option.value[:100]} is not checked",
            evidence=spelled(option), severity=severity, confidence=_UNSURE,
            remedy="Remove the option.",
        )  # fmt: skip


@rule("SNT1807", "packages-from-links", severity=Severity.MEDIUM, formats=_REQUIREMENTS,
      cwe="CWE-829")  # fmt: skip
def find_links(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """Packages may come from a page of links or a folder.

    **What.** `--find-links`, or `dependency_links` of an old `setup.py`.

    **Why it matters.** Any package may come from there, whatever index is named: the highest
    version wins.

    **Fix.** Use an index, or name the one file with its hash.
    """
    for option in first(found.options, lambda one: one.kind == "find-links"):
        severity = Severity.MEDIUM
        known = option.host in KNOWN_HOSTS or _JAX.match(option.value)
        if known or option.host in LOCAL_HOSTS:
            severity = Severity.INFO
        elif option.scheme in ("", "file"):
            severity = Severity.LOW
        yield told(
            context, option, f"packages may come from the links of {option.value or 'any package'}",
            evidence=spelled(option), severity=severity,
            remedy="Name the file that is wanted, with its hash.",
        )  # fmt: skip


@rule("SNT1808", "login-in-requirements", severity=Severity.MEDIUM, formats=_REQUIREMENTS,
      cwe="CWE-522")  # fmt: skip
def login(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """A password or token stands in the address of an index or a package.

    **What.** An address of the form `https://user:password@host`, or one with a token. It is not
    shown.

    **Why it matters.** Whoever gets the model can log in there.

    **Fix.** Revoke it; take it from the environment (`${TOKEN}`) or from pip's configuration.
    """
    remedy = "Revoke it, and take it from the environment."
    for option in first(found.options, lambda one: one.secret):
        yield told(
            context, option, f"the address of {option.host or 'an index'} holds a login",
            evidence=spelled(option), remedy=remedy,
        )  # fmt: skip
    for one in first(found.requirements, lambda one: one.source and one.source.secret):
        yield told(
            context, one, f"the address of {one.name or 'a package'} holds a login",
            evidence=shown(one), remedy=remedy,
        )  # fmt: skip


@rule("SNT1809", "requirement-from-repository", severity=Severity.HIGH, formats=_REQUIREMENTS,
      cwe="CWE-829")  # fmt: skip
def from_vcs(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """A package is built from a repository, at a state that can change.

    **What.** `git+https://...`, or another system for versions, without the whole id of a commit
    (40 hexadecimal digits). A branch or a tag is none: both can be moved. With a commit it is a
    fact.

    **Why it matters.** Installing builds and runs whatever is there at that moment.

    **Fix.** Name the commit, or a version in an index with its hash.
    """
    for one in first(found.requirements, lambda one: one.source and one.source.kind == "vcs"):
        source = one.source
        assert source is not None
        name, host = one.name or "a package", source.host or "a repository"
        if source.fixed:
            message = f"{name} is built from a commit of {host}"
            severity = Severity.INFO if host in SHARED_HOSTS else Severity.LOW
        else:
            state = f"its {source.revision[:60]!r}" if source.revision else "its newest state"
            message = f"{name} is built from {host}, in {state}, which can change"
            severity = graver(found, Severity.HIGH, Severity.MEDIUM)
        yield told(
            context, one, message, evidence=shown(one), severity=severity, confidence=_UNSURE,
            remedy="Name the whole id of a commit.",
        )  # fmt: skip


@rule("SNT1810", "requirement-from-address", severity=Severity.MEDIUM, formats=_REQUIREMENTS,
      cwe="CWE-494")  # fmt: skip
def from_url(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """A package comes from an address rather than from an index.

    **What.** `name @ https://...` or the address of an archive, without a hash. With one, and for
    files of PyPI, PyTorch and spaCy, it is a fact.

    **Why it matters.** What lies at an address can be exchanged, and nothing of it was scanned.

    **Fix.** Add its hash (`#sha256=...` or `--hash`), or take the package from an index.
    """
    for one in first(found.requirements, lambda one: one.source and one.source.kind == "url"):
        source = one.source
        assert source is not None
        sure = source.fixed or bool(one.hashes)
        if sure:
            known = source.host in KNOWN_HOSTS | SHARED_HOSTS
            severity = Severity.INFO if known else Severity.LOW
        elif source.host in KNOWN_HOSTS or _SPACY.match(source.address):
            severity = Severity.LOW
        elif source.host in SHARED_HOSTS:
            severity = Severity.MEDIUM
        else:
            severity = graver(found, Severity.HIGH, Severity.MEDIUM)
        how = " by its hash" if sure else ""
        yield told(
            context, one, f"{one.name or 'a package'} comes from {source.host}{how}",
            evidence=shown(one), severity=severity, confidence=_UNSURE, remedy="Add its hash.",
        )  # fmt: skip


@rule("SNT1811", "requirement-from-folder", severity=Severity.LOW, formats=_REQUIREMENTS,
      cwe="CWE-829")  # fmt: skip
def from_path(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """A package comes from a file or folder of the machine that installs it.

    **What.** A path, `file:`, or `-e`. One that leads out of the folder of the list (`..`, an
    absolute path) is grave where a model is installed with it.

    **Why it matters.** What lies there is not part of the model, and depends on the machine.

    **Fix.** Pack the file into the model, and name it by its hash.
    """
    for one in first(found.requirements, lambda one: one.source and one.source.kind == "path"):
        source = one.source
        assert source is not None
        name = one.name or "a package"
        if source.outside:
            grave = graver(found, Severity.HIGH, Severity.LOW)
            message = f"{name} comes from outside of the model: its path {source.outside}"
        else:
            grave, message = Severity.LOW, f"{name} comes from a file or folder beside the list"
        yield told(
            context, one, message, evidence=shown(one), severity=grave, confidence=_UNSURE
        )


@rule("SNT1812", "requirements-lead-outside", severity=Severity.HIGH, formats=_REQUIREMENTS,
      cwe="CWE-22")  # fmt: skip
def include_outside(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """The list takes in another one from outside of its folder.

    **What.** `-r` or `-c` names an address, an absolute path, a path that climbs with `..`, or a
    link that leads out. It was not followed.

    **Why it matters.** What is installed is decided by a file that was not scanned with the model.

    **Fix.** Put the list into the folder.
    """
    for one in first(found.includes, lambda one: one.outcome in ("outside", "address")):
        severity = graver(found, Severity.HIGH, Severity.LOW)
        if one.outcome == "address":
            severity = graver(found, Severity.HIGH, Severity.MEDIUM)
        yield told(
            context, one, f"packages are listed elsewhere: {one.target[:100]} {one.detail}",
            evidence=f"{one.kind} {one.target}", severity=severity, confidence=_UNSURE,
            remedy="Put the list into the folder.",
        )  # fmt: skip


@rule("SNT1814", "private-name-in-public-index", severity=Severity.LOW, formats=_REQUIREMENTS,
      cwe="CWE-427")  # fmt: skip
def private_name(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """A package whose name sounds private is looked for in a public index.

    **What.** A part of the name is `internal`, `private`, `corp` or the like, no address is given,
    and PyPI is asked: no `--index-url` names another index, or `--extra-index-url` only adds one.

    **Why it matters.** Anybody can take the name on PyPI. With several indexes the highest version
    wins, wherever it is.

    **Fix.** Name one index with `--index-url` that serves both, and register the name on PyPI.
    """
    named = [one for one in found.options if one.kind in ("index", "extra-index", "no-index")]
    extra = any(one.kind == "extra-index" for one in named)
    if any(_is_private(one) for one in named) and not extra:
        return
    for one in first(found.requirements, lambda one: _PRIVATE.search(one.key)):
        if one.source is None and one.section != "conda":
            yield told(
                context, one, f"{one.name} sounds private, and is looked for on PyPI",
                evidence=shown(one), severity=Severity.MEDIUM if extra else Severity.LOW,
                confidence=Confidence.LOW, remedy="Name one index that serves it.",
            )  # fmt: skip


def _is_private(option: Option) -> bool:
    return option.kind == "no-index" or (option.kind == "index" and option.host not in KNOWN_HOSTS)


@rule("SNT1819", "option-of-building", severity=Severity.LOW, formats=_REQUIREMENTS, cwe="CWE-88")
def build_option(found: Dependencies, context: RuleContext) -> Iterator[Finding]:
    """The list decides how packages are built.

    **What.** `--no-binary`, `--config-settings`, `--global-option`, `--install-option`.

    **Why it matters.** Building runs the code of the package, which installing a wheel does not;
    the other options are passed to that code.

    **Fix.** Install wheels (`--only-binary :all:`).
    """
    for option in first(found.options, lambda one: one.kind == "build"):
        yield told(context, option, "packages are built, not just unpacked",
                   evidence=option.value, severity=Severity.INFO)  # fmt: skip
    for one in first(found.requirements, _has_options):
        yield told(
            context, one, f"building {one.name or 'a package'} is given {', '.join(one.options)}",
            evidence=f"{shown(one)} {' '.join(one.options)}",
        )  # fmt: skip


def _has_options(one: Requirement) -> bool:
    return bool(one.options)
