"""What we think of the code that configurations name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.config_code import CodeName, ConfigCode
from . import RuleContext, rule
from .config_names import judge_name

_LISTED = 20
_CALLED = frozenset(("target", "apply", "class"))
_REGISTERED = re.compile(
    r"(?:spacy|spacy-\w+|thinc|prodigy|confection|ml_datasets|srsly|spacy_\w+)\.|[A-Z]?[A-Za-z_]+\.v\d"
    r"|[\w-]+\Z"
)
_CLASS = re.compile(r"(?:\A|\.)[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*\Z|\.[A-Z]\Z")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.\w+)+")
_ANY = "_"
"""A name that no module has: what is said of it is said of the module."""
_DOCUMENTATION = ("mkdocs.yml", "mkdocs.yaml")


def _evidence(found: CodeName) -> str:
    given = f" ({found.given})" if found.given else ""
    return f"{found.key}: {found.name}{given}"[:300]


def _constructors(found: CodeName) -> bool:
    return found.key.startswith(("!!python", "py/"))


@rule(
    "SNT1480", "config-calls-dangerous-name", severity=Severity.CRITICAL,
    formats=("config-code",), cwe="CWE-94",
)  # fmt: skip
def calls_dangerous(config: ConfigCode, context: RuleContext) -> Iterator[Finding]:
    """The configuration names a function that runs code, and a loader calls it.

    **What.** `_target_` (Hydra, NeMo, MONAI), `class_path`, `py/reduce` and `py/object`
    (jsonpickle) or a constructor of YAML (`!!python/object/apply:`) names a function that runs
    commands or code, loads native code, deserialises, opens files or the network. The settings
    beside it are its arguments.

    **Why it matters.** Building the model from its configuration makes the call. There need be no
    weights at all.

    **Fix.** Do not load the model. Compare the configuration with the one its maker published.
    """
    for found in config.names:
        judged = judge_name(found.name) if found.how in _CALLED else None
        if judged is not None and judged.severity is not None:
            yield context.finding(
                f"loading calls {found.name}, which {judged.reason}",
                line=found.line,
                evidence=_evidence(found),
                severity=judged.severity,
                remedy="Do not load this model.",
            )


@rule(
    "SNT1481", "config-looks-up-dangerous-name", severity=Severity.HIGH,
    formats=("config-code",), cwe="CWE-470",
)  # fmt: skip
def looks_up(config: ConfigCode, context: RuleContext) -> Iterator[Finding]:
    """The configuration hands a dangerous function, a module or source text to a loader.

    **What.** `!!python/name:`, `!!python/module:`, `py/function`, `py/type` or `py/repr`, or a
    dotted name among the settings of something that calls what it is given.

    **Why it matters.** The function is called a step later, by an object that asks for a callback;
    a module is imported, which runs it; `py/repr` was evaluated by old versions of jsonpickle.

    **Fix.** Do not load the file.
    """
    for found in config.names:
        if found.how == "text":
            yield context.finding(
                "source text that jsonpickle evaluates", line=found.line, evidence=_evidence(found)
            )
        elif found.how in ("name", "module"):
            judged = judge_name(f"{found.name}.{_ANY}" if found.how == "module" else found.name)
            if judged.severity is not None and judged.severity >= Severity.HIGH:
                yield context.finding(
                    f"names {found.name}, which {judged.reason}",
                    line=found.line,
                    evidence=_evidence(found),
                )
        elif found.how == "target" and judge_name(found.name).severity is None:
            yield from _given(found, context)


def _given(found: CodeName, context: RuleContext) -> Iterator[Finding]:
    for word in _DOTTED.findall(found.given)[:_LISTED]:
        judged = judge_name(word)
        if judged.severity is not None and judged.severity >= Severity.CRITICAL:
            yield context.finding(
                f"gives {word}, which {judged.reason}, to {found.name}",
                line=found.line,
                evidence=_evidence(found),
                confidence=Confidence.MEDIUM,
            )
            return


@rule(
    "SNT1482", "config-constructs-unknown", severity=Severity.MEDIUM,
    formats=("config-code",), cwe="CWE-502",
)  # fmt: skip
def constructs_unknown(config: ConfigCode, context: RuleContext) -> Iterator[Finding]:
    """A constructor of YAML or jsonpickle calls a function that nobody here knows.

    **What.** `!!python/object/apply:`, `!!python/object/new:` or `py/reduce` with a name that is in
    no table and of no well-known library. Names that are only looked up, those of well-known
    libraries and those that are spelled like a class (libraries write enumerations like that) are
    reported low.

    **Why it matters.** A loader that allows such constructors calls whatever is named, with the
    arguments that stand beside it.

    **Fix.** Load YAML with `yaml.safe_load`. Ask for a file without constructors.
    """
    documentation = context.artifact.leaf.lower() in _DOCUMENTATION
    for found in config.names:
        if not _constructors(found) or found.how == "text":
            continue
        judged = judge_name(found.name)
        if judged.severity is not None:
            continue
        own = found.name.startswith("__main__.") or _CLASS.search(found.name)
        unknown = found.how == "apply" and not (judged.known or documentation or own)
        yield context.finding(
            f"constructs something out of {found.name}",
            line=found.line,
            evidence=_evidence(found),
            severity=Severity.MEDIUM if unknown else Severity.LOW,
            confidence=Confidence.MEDIUM,
        )


@rule("SNT1483", "config-names-unknown-code", severity=Severity.LOW, formats=("config-code",))
def names_foreign(config: ConfigCode, context: RuleContext) -> Iterator[Finding]:
    """The configuration names code of a project that is not well known.

    **What.** `_target_`, `class_path`, the `type` of a module, an activation function or a function
    of spaCy's registry is of no library that such files ordinarily name.

    **Why it matters.** The model cannot be loaded without that code, and it is as trustworthy as
    where the code comes from.

    **Fix.** Read the code; pin its version.
    """
    names = []
    for found in config.names:
        if found.how == "registry":
            if not _REGISTERED.match(found.name):
                names.append(found)
        elif found.how in ("target", "class") and not _constructors(found):
            judged = judge_name(found.name)
            if judged.severity is None and not judged.known and "." in found.name:
                names.append(found)
    if names:
        listed = ", ".join(dict.fromkeys(found.name for found in names[:_LISTED]))
        yield context.finding(
            f"names {len(names)} function(s) or class(es) of code that is not well known",
            line=names[0].line,
            evidence=listed[:600],
            confidence=Confidence.MEDIUM,
        )
