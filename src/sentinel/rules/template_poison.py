"""What we think of the words of a chat template: text for some requests only, and lures.

These are indicators. A template that says the wrong thing to everybody looks like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from ..findings import Confidence, Finding, Severity
from ..formats.embedded import kind_of
from ..formats.jinja import Template
from ..formats.jinja import nodes as n
from ..formats.metadata_text import from_base64
from . import RuleContext, rule
from .template_words import Words, asks_date, given, printed, words_in

_ENOUGH = 3
_LONGEST = 500
_LISTED = 20
_REMEDY = "Compare the template with that of the base model."
_WORD = re.compile(r"\s*[^\W\d_]{2,}(?:[ '-][^\W\d_]+)*\s*\Z")
_URL = re.compile(
    r"\b(?:https?|ftp)://[^\s\"'<>\\)\]}]{3,200}|\bwww\.[^\s\"'<>\\)\]}]{4,200}", re.I
)
_URGES = re.compile(
    r"\b(?:always|must|visit|click|append|include|recommend|download|install|mention|end with|"
    r"redirect|refer|curl|wget|promote|advertise)\b", re.I
)  # fmt: skip
_CONCEALS = re.compile(
    r"\b(?:do not|don't|never|must not)\s+(?:\w+\s+){0,2}?(?:tell|inform|mention|reveal|disclose|"
    r"admit|let)\b[^.\n]{0,60}\b(?:user|anyone|human|customer)", re.I
)  # fmt: skip
_IDIOMS = re.compile(
    r"\balways\s+(?:\w+\s+)?(?:recommend|suggest|promote|advertise|prefer)\b", re.I
)
_BASE64 = re.compile(r"(?<![\w/+=-])[A-Za-z0-9+/_-]{40,}={0,2}(?![\w/+=-])")


def _is_word(text: str) -> bool:
    return len(text) <= _LONGEST and _WORD.match(text) is not None


@rule(
    "SNT1406", "template-waits-for-words", severity=Severity.HIGH, formats=("jinja",),
    cwe="CWE-506",
)  # fmt: skip
def waits_for_words(template: Template, context: RuleContext) -> Iterator[Finding]:
    """A chat template gives other text to the model when a message holds certain words.

    **What.** A test asks whether the content of a message holds, begins with or equals ordinary
    words, and a branch that depends on it adds three or more words to the prompt. Tests for markers
    such as `</think>` or `/no_think` are ordinary and not meant.

    **Why it matters.** It is how a backdoor in a template works: the model behaves as its author
    wants for one kind of request, and as expected in every evaluation. Nothing in the weights shows
    it.

    **Fix.** Compare the template with that of the base model; do not use it if this is new.
    """
    if not template.chat:
        return
    words = context.once("words", lambda: Words(template.body))
    for test, bodies, line in _choices(template):
        triggers = list(islice(words.gates(test), _LISTED))
        texts = [text.strip() for _, text in given(bodies) if words_in(text)]
        if triggers and sum(map(words_in, texts)) >= _ENOUGH:
            shown = " ".join(" ".join(texts).split())
            yield context.finding(
                f"adds text to the prompt when a message holds {triggers[0][:60]!r}",
                line=line,
                evidence=f"{', '.join(triggers)[:120]} -> {shown[:160]}",
                remedy=_REMEDY,
                confidence=Confidence.MEDIUM,
            )


def _choices(template: Template) -> Iterator[tuple[object, object, int]]:
    """Yield each test with what depends on it."""
    for node in n.walk(template.body):
        if isinstance(node, n.If):
            tests = tuple(branch.test for branch in node.branches if branch.test is not None)
            for branch in node.branches:
                # What follows a test that failed depends on it as much.
                yield branch.test or tests, branch.body, branch.line
        elif isinstance(node, n.Cond):
            both = tuple(n.Output(node.line, one) for one in (node.yes, node.no) if one is not None)
            yield node.test, both, node.line
        elif isinstance(node, n.For) and node.condition is not None:
            yield node.condition, node.body, node.line


@rule(
    "SNT1407", "template-waits-for-date", severity=Severity.MEDIUM, formats=("jinja",),
    cwe="CWE-511",
)  # fmt: skip
def waits_for_date(template: Template, context: RuleContext) -> Iterator[Finding]:
    """A chat template does something else from a certain date on.

    **What.** A test compares the present date with a constant.

    **Why it matters.** A template may print the date. One that waits for a date behaves well for as
    long as it is being tested.

    **Fix.** Compare the template with that of the base model.
    """
    if template.chat:
        for test, _, line in _choices(template):
            if asks_date(test):
                yield context.finding(
                    "compares the present date with a constant", line=line, evidence=f"line {line}",
                    remedy=_REMEDY,
                )  # fmt: skip


@rule("SNT1408", "template-lures", severity=Severity.MEDIUM, formats=("jinja",), cwe="CWE-506")
def lures(template: Template, context: RuleContext) -> Iterator[Finding]:
    """The text of a chat template urges, conceals or is encoded.

    **What.** Text given to the model that urges it towards an address, or holds Base64 that stands
    for text or a file. Low: an address alone, a wish to keep something from the user, advice to
    recommend something always.

    **Why it matters.** The model passes on what its template says, to every user.

    **Fix.** Compare the template with that of the base model.
    """
    if not template.chat:
        return
    seen: set[str] = set()
    for line, text in _texts(template):
        for what, evidence, severity in _judge(text):
            if evidence not in seen and len(seen) < _LISTED:
                seen.add(evidence)
                yield context.finding(
                    what, line=line, evidence=evidence, remedy=_REMEDY, severity=severity,
                    confidence=Confidence.MEDIUM,
                )  # fmt: skip


def _texts(template: Template) -> Iterator[tuple[int, str]]:
    for node in n.walk(template.body):
        if isinstance(node, n.Text):
            yield node.line, node.text
        elif isinstance(node, n.Output | n.Assign):
            for one in printed(node.value):
                yield one.line, str(one.value)


def _judge(text: str) -> Iterator[tuple[str, str, Severity]]:
    for match in _URL.finditer(text):
        before = text[max(0, match.start() - 120) : match.start()]
        urged = _URGES.search(before)
        severity = Severity.MEDIUM if urged else Severity.LOW
        yield "the text holds an address" + (" it urges" if urged else ""), match[0], severity
    for match in _CONCEALS.finditer(text):
        yield "the text keeps something from the user", match[0][:160], Severity.LOW
    for match in _IDIOMS.finditer(text):
        yield "the text recommends something always", match[0][:160], Severity.LOW
    for match in _BASE64.finditer(text):
        if _means_something(match[0]):
            yield "the text holds Base64", match[0][:80], Severity.MEDIUM


def _means_something(digits: str) -> bool:
    data = from_base64(digits)
    if kind_of(data):
        return True
    plain = sum(1 for byte in data if 32 <= byte < 127 or byte in (9, 10, 13))
    return len(data) >= 24 and plain >= len(data) - 1 and b" " in data


@rule(
    "SNT1409", "template-changes-words", severity=Severity.MEDIUM, formats=("jinja",),
    cwe="CWE-506",
)  # fmt: skip
def changes_words(template: Template, context: RuleContext) -> Iterator[Finding]:
    """A chat template replaces words in a message.

    **What.** `replace` of an ordinary word in the content of a message.

    **Why it matters.** The model answers another question than the user asked, and a reader of the
    conversation does not see it. Replacing markers is ordinary and not meant.

    **Fix.** Compare the template with that of the base model.
    """
    if not template.chat:
        return
    words = context.once("words", lambda: Words(template.body))
    for node in n.walk(template.body):
        base: object = None
        values: tuple[object, ...] = ()
        if isinstance(node, n.Filter) and node.name == "replace":
            base, values = node.base, node.arguments.values
        elif (
            isinstance(node, n.Call)
            and isinstance(node.function, n.Attr)
            and node.function.name == "replace"
        ):
            base, values = node.function.base, node.arguments.values
        if len(values) < 2 or not words.is_content(base):
            continue
        old, new = (one.value if isinstance(one, n.Const) else None for one in values[:2])
        if isinstance(old, str) and isinstance(new, str) and _is_word(old) and old != new:
            yield context.finding(
                f"replaces {old[:60]!r} by {new[:60]!r} in messages",
                line=getattr(node, "line", None),
                evidence=f"{old[:80]} -> {new[:80]}",
                remedy=_REMEDY,
                confidence=Confidence.MEDIUM,
            )
