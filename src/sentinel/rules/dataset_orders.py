"""What we think of texts in a dataset that speak to a model."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from . import RuleContext, rule
from .dataset_notes import DatasetFacts
from .datasets import told

_FORMATS = ("dataset",)
_ORDERS = {
    "orders-hidden": Severity.MEDIUM,
    "orders-plain": Severity.LOW,
    "orders-token": Severity.LOW,
    "orders-usual": Severity.INFO,
    "orders-quoted": Severity.INFO,
}


@rule("SNT2016", "orders-to-model", severity=Severity.MEDIUM, formats=_FORMATS, cwe="CWE-1427")
def orders(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """Indicator: the text speaks to a model that reads it.

    **What.** Known phrases ("ignore all previous instructions") and the control tokens of chat
    formats (`<|im_start|>`, `[INST]`) in the cells of a table, the phrases in documents too: low.
    Medium where people who read the text do not see them: in a comment or an unseen element of
    HTML, in Base64, in tag characters, behind marks without width or direction. Information where
    a fifth of the cells of a column have them, which is then its format or its subject, and where
    they are in sight and quoted, or the text around is about prompt injection. What is hidden stays
    medium whatever is said around it; a comment in a block of code in Markdown is in sight, low.

    **Why it matters.** Rows of a dataset become the context of models that retrieve, label or
    judge, and what is in them may be followed as an order (Greshake et al. 2023, "indirect prompt
    injection"; OWASP LLM01). Control tokens within a text can end the turn they stand in.

    **Fix.** Read the rows. Remove them, or escape the tokens before the text goes to a model. That
    nothing is told proves nothing: an order in other words is not seen.
    """
    for note in facts.of(*_ORDERS):
        yield told(note, context, _ORDERS[note.kind], Confidence.MEDIUM)
