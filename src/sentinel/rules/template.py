"""What we think of a template: what it reaches for, loads, asks for and hides."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.jinja import Template
from ..formats.jinja import nodes as n
from ..formats.jinja.reached import Reach
from . import RuleContext, rule

_LISTED = 20
_DUNDER = re.compile(r"__\w+__\Z")
_ESCAPES = frozenset(
    (
        "__globals__", "__builtins__", "__subclasses__", "__mro__", "__bases__", "__base__",
        "__import__", "__code__", "__getattribute__", "__reduce__", "__reduce_ex__", "__loader__",
        "__spec__", "__closure__", "__self__", "__func__", "__wrapped__", "func_globals",
        "func_code", "im_func", "im_self", "gi_frame", "gi_code", "cr_frame", "cr_code",
        "ag_frame", "ag_code", "f_globals", "f_builtins", "f_locals", "f_back", "tb_frame",
        "tb_next", "_TemplateReference__context", "_load_form_data", "_get_data_for_json",
    )
)  # fmt: skip
"""Names that lead out of a template's world in any template."""
_RUNS = frozenset(
    ("popen", "check_output", "getoutput", "getstatusoutput", "import_module", "load_module",
     "__import__", "from_pyfile", "from_object", "from_envvar")
)  # fmt: skip
_GLOBALS = frozenset(("lipsum", "cycler", "joiner", "namespace", "range", "dict", "self"))
_FLASK = frozenset(("request", "config", "url_for", "get_flashed_messages", "current_app"))
_OURS = frozenset(("loop", "caller"))
"""Objects of Jinja's own within loops and macros; what begins with ``_`` is none of a template's
business."""
_REMEDY = "Do not render this template; take the one of the base model."
_MEGA = 10_000_000


@rule(
    "SNT1401",
    "template-reaches-interpreter",
    severity=Severity.CRITICAL,
    formats=("jinja",),
    cwe="CWE-1336",
)
def reaches_interpreter(template: Template, context: RuleContext) -> Iterator[Finding]:
    """The template walks through Python's internals.

    **What.** It reads attributes such as `__globals__`, `__subclasses__` or a frame's, under their
    own name or one that it puts together by joining, formatting, replacing or reversing text; in a
    chat template any name between double underscores counts, and any attribute of Jinja's own
    functions.

    **Why it matters.** From there a template gets at every module and runs commands wherever it is
    rendered without a sandbox (CVE-2024-34359 in llama-cpp-python, CVE-2026-5760 in SGLang), and
    sandboxes have had gaps (CVE-2025-27516). Chat templates are rendered on every request.

    **Fix.** Treat the model as hostile.
    """
    own = _assigned(template)
    macros = frozenset(one.name for one in n.walk(template.body) if isinstance(one, n.Macro))
    for reach in template.reached.reaches:
        severity = _severity(reach, template.chat, own, macros)
        if severity is not None:
            spelled = ", a name that it puts together" if reach.built else ""
            yield context.finding(
                f"the template reaches for {_place(reach)}{spelled}: code execution in renderers "
                "without a sandbox",
                line=reach.line,
                evidence=_place(reach),
                remedy=_REMEDY,
                severity=severity,
            )


def _severity(
    reach: Reach, chat: bool, own: frozenset[str], macros: frozenset[str]
) -> Severity | None:
    if reach.name in _ESCAPES:
        return Severity.CRITICAL
    if not chat:
        return None
    if _DUNDER.match(reach.name):
        return Severity.CRITICAL
    if reach.name in _RUNS:
        return Severity.HIGH
    if reach.root in _GLOBALS and reach.root not in own and reach.way != "list":
        return Severity.HIGH
    if reach.root in _FLASK and reach.root not in own and reach.name.startswith(("_", "app")):
        return Severity.HIGH
    if reach.name.startswith("_") and reach.root in _OURS | macros and reach.way != "list":
        return Severity.MEDIUM
    return None


def _assigned(template: Template) -> frozenset[str]:
    """Return the names that the template itself gives a value."""
    found: set[str] = set()
    for node in n.walk(template.body):
        if isinstance(node, n.Assign | n.AssignBlock | n.For):
            found |= {one.name for one in n.walk(node.target) if isinstance(one, n.Name)}
        elif isinstance(node, n.Macro):
            found |= {name for name, _ in node.parameters}
    return frozenset(found)


def _place(reach: Reach) -> str:
    name = reach.name[:80] or "an attribute by a computed name"
    return f"{reach.root}.{name}" if reach.root and reach.name else name


@rule(
    "SNT1402",
    "template-attribute-filter",
    severity=Severity.HIGH,
    formats=("jinja",),
    cwe="CWE-1336",
)
def attribute_filter(template: Template, context: RuleContext) -> Iterator[Finding]:
    """A chat template reads an attribute whose name it computes or passes to a filter.

    **What.** `x | attr(name)`, or a list filter with an attribute name that is not a constant.
    Medium where the name is written out.

    **Why it matters.** `x.name` says the same. The filter is the way around checks for what is
    written behind a dot, and was a way out of the sandbox (CVE-2025-27516).

    **Fix.** Do not render this template; take the one of the base model.
    """
    if not template.chat:
        return
    for reach in template.reached.reaches:
        hidden = not reach.name and reach.way in ("attr", "list")
        named = reach.way == "attr" and reach.name not in _ESCAPES
        if (hidden or named) and not _DUNDER.match(reach.name):
            yield context.finding(
                f"reads {_place(reach)} through a filter",
                line=reach.line,
                evidence=f"{reach.root}|{reach.way}({reach.name[:80]})",
                remedy=_REMEDY,
                severity=None if hidden or reach.built else Severity.MEDIUM,
            )


@rule("SNT1403", "template-loads-file", severity=Severity.HIGH, formats=("jinja",), cwe="CWE-98")
def loads_file(template: Template, context: RuleContext) -> Iterator[Finding]:
    """A chat template includes, imports or extends another file.

    **What.** `include`, `import`, `from` or `extends` in a template that comes with a model.

    **Why it matters.** A chat template is rendered from text, with nothing to load others from.
    Where a renderer has a loader, this reads files of the machine it runs on.

    **Fix.** Do not render this template; take the one of the base model.
    """
    if not template.chat:
        return
    for node in n.walk(template.body):
        if isinstance(node, n.Load):
            source = node.source
            name = source.value if isinstance(source, n.Const) else "a computed name"
            yield context.finding(
                f"the template has {node.tag} of {str(name)[:80]!r}",
                line=node.line,
                evidence=f"{node.tag} {str(name)[:200]}",
                remedy=_REMEDY,
            )


@rule(
    "SNT1404", "template-asks-too-much", severity=Severity.HIGH, formats=("jinja",), cwe="CWE-400"
)
def asks_too_much(template: Template, context: RuleContext) -> Iterator[Finding]:
    """The template asks for more rounds, text or digits than a renderer can give.

    **What.** Loops over constant ranges that multiply, text repeated by a constant, or a power of
    constants. Ten million rounds or characters are high, a hundred thousand medium.

    **Why it matters.** Each request that renders it takes a processor or all memory.

    **Fix.** Do not render this template; take the one of the base model.
    """
    for demand in template.reached.demands:
        high = demand.amount >= _MEGA or demand.kind == "digits"
        amount = str(demand.amount) if demand.amount < 1 << 62 else "more than 10^18"
        yield context.finding(
            f"asks for {amount} {demand.kind}",
            line=demand.line,
            evidence=f"{amount} {demand.kind}",
            remedy=_REMEDY,
            severity=Severity.HIGH if high else Severity.MEDIUM,
        )


_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\u3164\ufeff\uffa0\U000e0000-\U000e0fff]+"
)
_JOINED = re.compile(
    "[\u2190-\u2bff\ufe0f\u20e3\U0001f000-\U0001faff]\u200d(?=[\u2190-\u2bff\U0001f000-\U0001faff])"
    "|\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f"
    "|(?<=[\u0600-\u06ff\u0900-\u0dff\u1000-\u109f])[\u200c\u200d](?=[\u0600-\u06ff\u0900-\u0dff\u1000-\u109f])"
)
_ESCAPED = re.compile(
    r"\\(?:u(?:00ad|034f|061c|180e|200[b-f]|202[a-e]|206[0-9a-f]|feff)|U000e00[0-7][0-9a-f])", re.I
)


@rule("SNT1405", "template-hides-text", severity=Severity.HIGH, formats=("jinja",), cwe="CWE-1007")
def hides_text(template: Template, context: RuleContext) -> Iterator[Finding]:
    """The template holds characters that cannot be seen.

    **What.** Zero-width and other invisible characters, marks that turn the direction of text, or
    tag characters, as themselves or as escapes. Joiners within emoji and scripts that need them,
    and flags, are not meant. Low in a template that is no chat template.

    **Why it matters.** A person who reads the template does not see what the model sees, or sees it
    in another order.

    **Fix.** Remove the characters.
    """
    text = _JOINED.sub(lambda match: "x" * len(match[0]), template.source)
    found = [*_HIDDEN.finditer(text), *_ESCAPED.finditer(text)]
    if not found:
        return
    first = found[0]
    codes = " ".join(f"U+{ord(char):04X}" for char in first[0][:16] if first[0][0] != "\\")
    yield context.finding(
        f"{len(found)} place(s) with invisible characters",
        line=text.count("\n", 0, first.start()) + 1,
        evidence=codes or first[0],
        severity=None if template.chat else Severity.LOW,
        confidence=Confidence.HIGH if len(found) > 1 or len(first[0]) > 1 else Confidence.MEDIUM,
    )
