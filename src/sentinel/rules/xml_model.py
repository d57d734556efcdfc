"""What we think of models in XML: PMML and OpenVINO."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.xml_model import XmlDocument, XmlFact
from . import RuleContext, rule

_LISTED = 50
_BOTH = ("pmml", "openvino")
_OFFICIAL = re.compile(r"\Ahttps?://(?:www\.)?dmg\.org/[\w./-]*\Z")
_JAVA = re.compile(r"\A[a-zA-Z_$][\w$]*(?:\.[a-zA-Z_$][\w$]*){2,}\Z")
_SCRIPT = re.compile(
    r"(?i)\A(?:java|j|vb|r|py(?:thon)?|groovy)?script|<script|\beval\(|exec\(|groovy"
)
_LEAVES = re.compile(r"\A\s*(?:[\\/~]|[A-Za-z]:[\\/]|\w[\w+.-]*://)|(?:\A|[\\/])\.\.(?:[\\/]|\Z)")
_CODE = re.compile(r"(?i)\.(?:so(?:\.\d+)*|dll|dylib|cl|ko|exe|bat|sh|py|jar)\Z")
_REMEDY = "Do not open the file with a parser that expands entities; ask for one without them."


@rule("SNT1460", "xml-entity", severity=Severity.HIGH, formats=_BOTH, cwe="CWE-611")
def entity(model: XmlDocument, context: RuleContext) -> Iterator[Finding]:
    """The document declares an entity.

    **What.** The document type of the XML defines a name that stands for a text, a file or an
    address. Models have no use for it, and nothing that writes PMML or OpenVINO's IR makes one.

    **Why it matters.** A parser that expands entities reads files of whoever opens the model, or
    fetches addresses (XXE); entities within entities grow to fill all memory.

    **Fix.** Treat the file as hostile.
    """
    for found in model.entities[:_LISTED]:
        what = f"reads {found.address!r}" if found.address else "is a text"
        yield context.finding(
            f"the entity {found.name} {what}",
            line=found.line,
            evidence=f"{found.name}: {found.address or found.value}",
            remedy=_REMEDY,
        )


@rule("SNT1461", "xml-fetches", severity=Severity.HIGH, formats=_BOTH, cwe="CWE-829")
def fetches(model: XmlDocument, context: RuleContext) -> Iterator[Finding]:
    """Opening the document may fetch another one.

    **What.** It names an external document type, includes other files (XInclude) or has a style
    sheet. PMML 2 and 3 name their own document type at dmg.org, which is of low severity.

    **Why it matters.** Parsers with such features turned on read files and addresses of the
    author's choice; a style sheet may run code.

    **Fix.** Remove the reference, and open the file with these features turned off.
    """
    if model.doctype:
        official = bool(_OFFICIAL.match(model.doctype))
        yield context.finding(
            f"the document type is read from {model.doctype!r}",
            evidence=model.doctype,
            severity=Severity.LOW if official else None,
        )
    for found in model.includes[:_LISTED]:
        yield context.finding(
            f"{found.element} reads {found.value!r}",
            line=found.line,
            evidence=f"{found.element} {found.value}",
            severity=Severity.MEDIUM if found.element == "xml-stylesheet" else None,
        )


@rule("SNT1462", "pmml-extension", severity=Severity.INFO, formats=("pmml",), cwe="CWE-94")
def extension(model: XmlDocument, context: RuleContext) -> Iterator[Finding]:
    """The model has extensions that only some programs understand.

    **What.** `Extension` elements carry whatever a vendor wants. One that holds a script is of
    medium severity.

    **Why it matters.** An engine that runs scripts from extensions runs those of whoever made the
    model.

    **Fix.** Remove extensions you do not know; the model is complete without them.
    """
    scripts = [found for found in model.extensions if _is_script(found)]
    for found in scripts[:_LISTED]:
        yield context.finding(
            f"an extension holds a script: {found.key or found.element}",
            line=found.line,
            evidence=f"{found.element} {found.key}={found.value}"[:300],
            severity=Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
        )
    others = {found.key for found in model.extensions if not _is_script(found) and found.key}
    if others:
        yield context.finding(
            "the model has extensions", evidence=", ".join(sorted(others)[:20])[:300]
        )


def _is_script(found: XmlFact) -> bool:
    if found.element != "Extension":
        return True
    return bool(_SCRIPT.search(found.key) or _SCRIPT.search(found.value))


@rule("SNT1463", "pmml-java-function", severity=Severity.HIGH, formats=("pmml",), cwe="CWE-470")
def java_function(model: XmlDocument, context: RuleContext) -> Iterator[Finding]:
    """A transformation calls a Java class by its name.

    **What.** `Apply` names a function that PMML does not have and the document does not define; it
    looks like the full name of a Java class.

    **Why it matters.** JPMML loads the class of that name and calls it with values of the model.

    **Fix.** Ask for a model without functions of its own, or see where the class comes from.
    """
    for found in model.functions:
        if found.value not in model.defined and _JAVA.match(found.value):
            yield context.finding(
                f"scoring calls the class {found.value}", line=found.line, evidence=found.value
            )


@rule("SNT1464", "openvino-extension-layer", severity=Severity.LOW, formats=("openvino",),
      cwe="CWE-829")  # fmt: skip
def extension_layer(model: XmlDocument, context: RuleContext) -> Iterator[Finding]:
    """A layer is of none of OpenVINO's own sets.

    **What.** The `version` of a layer names a set of operations other than `opset1` and its
    successors, such as `extension`.

    **Why it matters.** It runs only with a library that is added by `add_extension`: native code
    from elsewhere.

    **Fix.** Take the library from where the model's format is documented, such as
    `openvino-tokenizers`, never from the model's folder.
    """
    for found in model.layers[:_LISTED]:
        yield context.finding(
            f"the layer {found.key} is of the set {found.value!r}",
            line=found.line,
            evidence=f"{found.key} {found.value}",
        )


@rule("SNT1465", "openvino-code-file", severity=Severity.HIGH, formats=("openvino",),
      cwe="CWE-426")  # fmt: skip
def code_file(model: XmlDocument, context: RuleContext) -> Iterator[Finding]:
    """The model names a file with code.

    **What.** An attribute of a layer names a library, a kernel or another file of code, or a path
    that leads out of the model's folder.

    **Why it matters.** A runtime that follows the name loads native code or builds a kernel from
    it.

    **Fix.** Do not load the model.
    """
    for found in model.libraries[:_LISTED]:
        if _CODE.search(found.value) or (found.key in _LOADED and _LEAVES.search(found.value)):
            yield context.finding(
                f"{found.element} takes code from {found.value!r}",
                line=found.line,
                evidence=f"{found.element} {found.key}={found.value}",
            )


_LOADED = frozenset(("library", "lib", "plugin", "kernel", "filename", "extension"))


@rule("SNT1466", "openvino-weights-range", severity=Severity.MEDIUM, formats=("openvino",),
      cwe="CWE-190")  # fmt: skip
def weights_range(model: XmlDocument, context: RuleContext) -> Iterator[Finding]:
    """A constant lies at an impossible place of the weights.

    **What.** Offset or size of a constant is no number, negative, or so large that their sum wraps
    around.

    **Why it matters.** A reader that adds without checking reads memory outside of the weights.

    **Fix.** Treat the file as hostile.
    """
    for found in model.ranges[:_LISTED]:
        yield context.finding(f"a constant at {found.value}", line=found.line, evidence=found.value)
