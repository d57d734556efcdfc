"""What we think of Core ML models."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding, Severity
from ..formats.coreml import CoreModel
from . import RuleContext, rule
from .external_paths import leads_out

_OWN = "@model_path/"


@rule("SNT1345", "coreml-custom-class", severity=Severity.MEDIUM, formats=("coreml",),
      cwe="CWE-470")  # fmt: skip
def coreml_custom_class(model: CoreModel, context: RuleContext) -> Iterator[Finding]:
    """A layer, operator or model is a class of the program that loads it.

    **What.** The model names a class. Core ML looks it up in the program, makes an object of it and
    hands it parameters that the model holds.

    **Why it matters.** The code that runs is not in the model and not seen by any scan of it. The
    model chooses the class and its parameters.

    **Fix.** Find out which class is meant and whether the program has it on purpose.
    """
    seen: set[tuple[str, str]] = set()
    for custom in model.customs:
        if custom[:2] in seen:
            continue
        seen.add(custom[:2])
        yield context.finding(
            f"a {custom.kind} of the class {custom.name[:100]!r} of the program",
            offset=custom.offset,
            evidence=custom.name[:200],
            remedy="Find out which class is meant.",
        )


@rule("SNT1346", "coreml-path", severity=Severity.HIGH, formats=("coreml", "mlpackage"),
      cwe="CWE-22")  # fmt: skip
def coreml_path(model: CoreModel, context: RuleContext) -> Iterator[Finding]:
    """The model names a file outside of its own folder.

    **What.** A linked model, a file of weights or an item of the package has a path that is
    absolute, climbs with `..` or is a URL. Linked models within the folder are noted.

    **Why it matters.** Loading the model reads that file, or loads another model from a place that
    the author of this one chose.

    **Fix.** Do not load the model.
    """
    for named in model.paths:
        how = leads_out(named.path.removeprefix(_OWN))
        if how:
            yield context.finding(
                f"the path of the {named.purpose} {how}",
                offset=named.offset,
                evidence=named.path[:200],
                remedy="Do not load this model.",
            )
        elif named.purpose == "linked model":
            yield context.finding(
                "another model is loaded by its path",
                offset=named.offset,
                evidence=named.path[:200],
                severity=Severity.LOW,
            )
