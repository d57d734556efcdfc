"""What we think of a pickle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from ..findings import Confidence, Finding, Severity
from ..formats.pickle.planting import BY_ITEMS, called_by_items
from ..formats.pickle.program import PickleProgram
from ..formats.pickle.record import Planted
from ..formats.pickle.render import expression
from ..formats.pickle.values import Call, Container, Global, Value
from . import RuleContext, rule
from .imports import Standing
from .pickle_makers import is_method_by_value
from .pickle_spots import Spot, Use, Uses
from .pickle_uses import analyse, class_like

_RUNS = frozenset(("execute", "load-code"))
_DOES = {
    "execute": "runs code or commands",
    "load-code": "loads code",
    "deserialise": "deserialises again, out of sight of this scan",
    "import": "imports modules or resolves names",
    "introspect": "reaches into the interpreter",
    "file": "reads or writes files",
    "network": "opens the network",
    "process": "acts on the process or its environment",
}
_REMEDY = (
    "Do not load this file. Get the model from its author in a data-only format "
    "(safetensors, ONNX), or ask them why it needs this name."
)
_LISTED = 20
_IN_ARCHIVE = "__torch__"
"""Begins the names of classes that a TorchScript archive defines itself; no module is called so."""
_ERROR = re.compile(r"(Err|Error|Exception|Warning)\Z")


def _uses(program: PickleProgram, context: RuleContext) -> Uses:
    return context.once("pickle.uses", lambda: analyse(program))


def _evidence(program: PickleProgram, value: Value) -> str:
    return expression(program, value, 0, 120)


def _report(program: PickleProgram, context: RuleContext, spot: Spot, message: str) -> Finding:
    severity = None
    if spot.judgement.capability not in _RUNS and context.rule.severity is Severity.CRITICAL:
        severity = Severity.HIGH
    return context.finding(
        message,
        offset=program.offset(spot.offset),
        evidence=_evidence(program, spot.value),
        remedy=_REMEDY,
        severity=severity,
    )


def _once_each(spots: Iterable[Spot]) -> Iterator[Spot]:
    """Yield the first spot of every name and use."""
    seen: set[tuple[str, Use, str]] = set()
    for spot in spots:
        key = (str(spot.path), spot.use, spot.passed_to)
        if key not in seen:
            seen.add(key)
            yield spot


@rule(
    "SNT1101",
    "dangerous-call",
    severity=Severity.CRITICAL,
    formats=("pickle",),
    cwe="CWE-502",
)
def dangerous_call(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """Loading this file calls something that does harm in a model.

    **What.** While the pickle is being loaded, it calls a function (or makes an object) that runs
    code or commands, loads code, touches files, the network or the process, deserialises further
    data, or reaches into the interpreter. Getters, partials and callers of callbacks are followed
    to the function that is really called.

    **Why it matters.** This happens inside `load`, before any model exists to look at: whoever
    made the file runs code with the rights of whoever opens it. Data needs none of this.

    **Fix.** Do not load the file. Ask for the weights in a data-only format (safetensors, ONNX),
    or rebuild the file from its source.
    """
    for spot in _once_each(_uses(program, context).dangerous):
        if spot.use is not Use.NAMED:
            does = _DOES.get(spot.judgement.capability, "is dangerous")
            how = f", handed to {spot.passed_to}" if spot.passed_to else ""
            message = f"loading calls {spot.path}{how}, which {does}: {spot.judgement.reason}"
            yield _report(program, context, spot, message)


@rule(
    "SNT1102",
    "dangerous-reference",
    severity=Severity.HIGH,
    formats=("pickle",),
    cwe="CWE-502",
)
def dangerous_reference(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """The file imports something that has no place in a model.

    **What.** The pickle names a function, class or module that runs code, touches files or the
    network, or reaches into the interpreter, without calling it in plain sight.

    **Why it matters.** A name put into an attribute, a hook or a callback runs at first use; a
    name handed out by one trusted object can be called by the next.

    **Fix.** Do not load the file; ask its author what the name is for.
    """
    for spot in _once_each(_uses(program, context).dangerous):
        if spot.use is Use.NAMED:
            mild = spot.judgement.capability in ("file", "network") and not spot.walked
            finding = _report(
                program,
                context,
                spot,
                f"the file holds {spot.path}, which "
                f"{_DOES.get(spot.judgement.capability, 'is dangerous')}: {spot.judgement.reason}",
            )
            yield finding._replace(severity=Severity.MEDIUM) if mild else finding


@rule(
    "SNT1103",
    "unknown-call",
    severity=Severity.MEDIUM,
    formats=("pickle",),
    cwe="CWE-502",
)
def unknown_call(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """Loading this file calls something nobody has vouched for, with arguments of its own choosing.

    **What.** The callee is in none of the tables of ordinary model libraries, and it is given text
    or byte strings by the file (or is reached by walking through attributes).

    **Why it matters.** Any importable function can be called this way; a helper that runs a
    command or fetches a file is one call away in many packages.

    **Fix.** Look at the function named in the evidence. If your own code defines it and it is
    harmless, suppress the finding for this file's digest, with a reason.
    """
    for spot in _once_each(_uses(program, context).unknown):
        severity = _unknown_severity(spot)
        if severity is None:
            continue
        given = "with text of the file's choosing" if spot.use >= Use.GIVEN_WORD else ""
        walked = "reached through attributes" if spot.walked else ""
        how = ", ".join(part for part in (given, walked) if part) or "by no table"
        yield context.finding(
            f"loading calls {spot.path}, which is not known to be harmless ({how})",
            offset=program.offset(spot.offset),
            evidence=_evidence(program, spot.value),
            remedy="Read the source of this name; accept it by a suppression bound to the digest.",
            severity=severity,
            confidence=Confidence.MEDIUM,
        )


def _unknown_severity(spot: Spot) -> Severity | None:
    """Judge an unknown name by its use alone; None where it is a mere data class."""
    if spot.use < Use.CALLED and not spot.passed_to:
        return None
    if spot.path.module in ("__main__", "__mp_main__") and _own(spot):
        return Severity.LOW
    if spot.passed_to or not class_like(spot.path.name):
        return Severity.MEDIUM
    if spot.walked and not all(map(class_like, spot.path.name.split("."))):
        return Severity.MEDIUM  # protocols below 4 walk to nested classes, and to nothing else
    if spot.use is Use.CALLED or _ERROR.search(spot.path.name):
        return Severity.LOW
    if spot.use is Use.GIVEN_WORD:
        return Severity.LOW  # what the members of somebody's enumeration look like
    return Severity.MEDIUM


def _own(spot: Spot) -> bool:
    """Return True for what a script defines itself, rather than what it has imported.

    No function of a script is called with text by an ordinary file, unlike its classes.
    """
    name = spot.path.name
    if not spot.walked and "." not in name:
        return class_like(name) or spot.use is not Use.GIVEN_TEXT
    return all(map(class_like, name.split(".")))


@rule("SNT1104", "unknown-import", severity=Severity.INFO, formats=("pickle",), cwe="CWE-502")
def unknown_import(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """The file needs classes that are in no table.

    **What.** The pickle names or instantiates classes of packages that are not among the ordinary
    model libraries, without giving them text of its own.

    **Why it matters.** Importing a module runs its top level. That is harmless for your own code
    and for well-known packages, and worth a look otherwise.

    **Fix.** Nothing, when the names are yours.
    """
    names: dict[str, Spot] = {}
    for spot in _uses(program, context).unknown:
        if _unknown_severity(spot) is None and not spot.path.module.startswith(_IN_ARCHIVE):
            names.setdefault(str(spot.path), spot)
    if names:
        listed = ", ".join(list(names)[:_LISTED])
        more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        first = next(iter(names.values()))
        yield context.finding(
            f"needs {len(names)} name(s) that no table knows",
            offset=program.offset(first.offset),
            evidence=listed + more,
            confidence=Confidence.MEDIUM,
        )


@rule(
    "SNT1105",
    "unresolved-call",
    severity=Severity.MEDIUM,
    formats=("pickle",),
    cwe="CWE-502",
)
def unresolved_call(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """The file calls something whose name it hides.

    **What.** The callee, or the attribute that leads to it, is computed in a way that the file
    alone does not tell, or is an extension code or a name that cannot be worked out.

    **Why it matters.** Ordinary libraries write names down. A callee that cannot be named cannot
    be judged.

    **Fix.** Do not load the file without knowing what is called.
    """
    for call in _uses(program, context).unresolved[:_LISTED]:
        yield context.finding(
            "loading calls something that the file does not name",
            offset=program.offset(call.offset),
            evidence=_evidence(program, call),
            remedy=_REMEDY,
        )
    for code, position in program.recorder.extensions[:_LISTED]:
        if code < 0:
            yield context.finding(
                "loading imports a name that is computed in a way the file does not tell",
                offset=program.offset(position),
                severity=Severity.HIGH,
                remedy=_REMEDY,
            )
        else:
            yield context.finding(
                f"loading uses extension code {code}, whose meaning only the loading host knows",
                offset=program.offset(position),
                evidence=f"EXT {code}",
                remedy="Ask which name is registered under the code (copyreg.add_extension).",
            )


@rule(
    "SNT1106",
    "computed-name",
    severity=Severity.MEDIUM,
    formats=("pickle",),
    cwe="CWE-506",
)
def computed_name(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """The file computes the name of what it imports.

    **What.** The module or attribute of an import is made by calling functions (joining,
    decoding, concatenating) instead of being written down.

    **Why it matters.** No pickler does this. It hides the name from scanners that read names only.

    **Fix.** Treat the file as hostile.
    """
    for found in _uses(program, context).computed[:_LISTED]:
        yield context.finding(
            f"the name {found.module}.{found.name} is computed, not written",
            offset=program.offset(found.offset),
            evidence=f"{found.module}.{found.name}",
            remedy=_REMEDY,
        )


@rule(
    "SNT1107",
    "look-alike-name",
    severity=Severity.HIGH,
    formats=("pickle",),
    cwe="CWE-1007",
)
def look_alike_name(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """The file imports a name that is made to look like another, or is no name at all.

    **What.** Blanks, control characters, other scripts' letters or other case in a module or
    attribute name.

    **Why it matters.** Such a name slips through lists of names; a package under the look-alike
    name, or a lenient loader, makes it real.

    **Fix.** Treat the file as hostile.
    """
    for spot in _uses(program, context).odd[:_LISTED]:
        through = f", which looks like {spot.judgement.through}" if spot.judgement.through else ""
        known = spot.judgement.standing is Standing.DANGEROUS
        yield context.finding(
            f"imports {str(spot.path)!r}{through}",
            offset=program.offset(spot.offset),
            evidence=ascii(str(spot.path)),
            remedy=_REMEDY,
            severity=Severity.HIGH if known or through else Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
        )


@rule(
    "SNT1108",
    "state-planted",
    severity=Severity.HIGH,
    formats=("pickle",),
    cwe="CWE-915",
)
def state_planted(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """The file changes something it imported.

    **What.** State or items are stored into an imported function, class or module, not into an
    object of the file's own; or an object of its own is given an attribute that the loader heeds
    while it goes on (`__setstate__`, `append`; for joblib's old array wrappers, a file elsewhere).

    **Why it matters.** The change outlives the load: an attribute planted on a trusted class is
    read back by trusted code. A planted method is a call in disguise.

    **Fix.** Treat the file as hostile.
    """
    for call in _uses(program, context).changed[:_LISTED]:
        yield context.finding(
            "loading stores state into something that it looked up",
            offset=program.offset(call.offset),
            evidence=_evidence(program, call),
            remedy=_REMEDY,
        )
    for planted in islice(_planted(program), _LISTED):
        into = f"{planted.how} into an object of its own, where the loader heeds it"
        if type(planted.target) is Global:
            into = f"state into {planted.target.module}.{planted.target.name}"
        yield context.finding(
            f"loading stores {into}",
            offset=program.offset(planted.offset),
            evidence=_evidence(program, planted.state),
            remedy=_REMEDY,
        )


def _planted(program: PickleProgram) -> Iterator[Planted]:
    found = chain(program.recorder.planted, called_by_items(program.data, program.recorder))
    return (planted for planted in found if _matters(program, planted))


def _matters(program: PickleProgram, planted: Planted) -> bool:
    """Return True for changes of what is imported, and for attributes that the stream runs into.

    A class that is brought by value has methods of these names in its dict, by value as well.
    """
    if type(planted.target) is Container:
        by_value = is_method_by_value(program.data, planted.state)
        held = planted.state if type(planted.state) is tuple else (planted.state,)
        return not by_value and any(type(one) in (Global, Call) for one in held)
    if type(planted.target) is Call:
        return planted.how not in BY_ITEMS or bool(planted.target.items)
    return type(planted.target) is Global
