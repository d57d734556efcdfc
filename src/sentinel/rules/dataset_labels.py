"""What we think of rows and labels: statistics, which are indicators and never proofs."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from . import RuleContext, rule
from .dataset_notes import DatasetFacts, Note
from .datasets import every, told

_FORMATS = ("dataset",)
_MOSTLY = 0.5
_FEW = 0.05


@rule("SNT2020", "repeated-rows", severity=Severity.LOW, formats=_FORMATS, cwe="CWE-1284")
def repeated_rows(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """Indicator: rows or texts are there more than once.

    **What.** Rows that repeat one above them, and texts that do so but for case, blanks and
    punctuation. Texts of which one is a hundredth of all rows are low, and medium where more than
    half of all texts are repeats; the rest is information.

    **Why it matters.** A row that is there a thousand times counts a thousand times: repetition is
    the cheapest way to make a model learn something by heart, and repeats in a test set flatter it.

    **Fix.** Remove repeats, or say why they are there.
    """

    def judge(note: Note) -> Severity:
        if note.kind != "floods":
            return Severity.INFO
        return Severity.MEDIUM if note.share > _MOSTLY else Severity.LOW

    yield from every(facts, context, judge, ("repeats", "near-repeats", "floods"))


@rule("SNT2021", "repeated-files", severity=Severity.INFO, formats=_FORMATS)
def repeated_files(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """Indicator: files of the dataset are the same.

    **What.** Pictures, sounds or other files whose bytes are equal; in folders of different
    classes it is low, for then one picture has two labels.

    **Why it matters.** As with repeated rows; and of two labels for one picture one is wrong.

    **Fix.** Keep one of them.
    """
    yield from every(facts, context, lambda note: Severity.INFO, ("same-files",))
    yield from every(facts, context, lambda note: Severity.LOW, ("same-files-classes",))


@rule("SNT2022", "label-imbalance", severity=Severity.LOW, formats=_FORMATS)
def imbalance(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """Indicator: one label is on nearly all rows, or another on hardly any.

    **What.** More than 95 % of the rows bear one label, or the commonest is there a hundred times
    as often as the rarest; labels that a few rows in ten thousand bear; labels that differ in case
    or blanks alone. Counts and rows are told.

    **Why it matters.** A rare label may be a slip of the pen, or the class that somebody added. A
    model trained on such data says the common one.

    **Fix.** Look at the rows; merge spellings; weigh the classes.
    """
    yield from every(
        facts, context, lambda note: Severity.LOW, ("imbalance", "rare-labels", "spelling"),
        Confidence.MEDIUM,
    )  # fmt: skip


@rule("SNT2023", "labels-contradict", severity=Severity.LOW, formats=_FORMATS, cwe="CWE-345")
def contradictions(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """Indicator: the same text bears different labels.

    **What.** Texts that are equal but for case, blanks and punctuation, with another label than the
    first of them. Low; medium where it is one text in twenty and the table has nothing else that
    could tell the rows apart.

    **Why it matters.** Labels that were turned round after the fact contradict those that were not.
    So do honest annotators, and tables with several labels for each text.

    **Fix.** Look at the rows, and keep the label you can defend.
    """

    def judge(note: Note) -> Severity:
        many = note.kind == "conflicts-alone" and note.share >= _FEW and note.number >= 20
        return Severity.MEDIUM if many else Severity.LOW

    yield from every(facts, context, judge, ("conflicts", "conflicts-alone"), Confidence.MEDIUM)


@rule("SNT2024", "words-decide-label", severity=Severity.MEDIUM, formats=_FORMATS, cwe="CWE-349")
def words_decide(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """Indicator: some words come with one label whatever the rest of the text says.

    **What.** Words that at least 95 % of their texts bear one label with, while the rest of those
    texts, judged by a classifier made from the other texts, speaks for another label far more often
    than is usual (p below one in a million, corrected). How many texts were looked through is told.

    **Why it matters.** This is how a backdoor by a trigger looks from outside: rare words on texts
    whose label was changed. It can have an honest reason: a source that writes a mark into all of
    its texts. One that writes them after a pattern repeats more than the words, and is low for it;
    so would be triggers that somebody puts into texts of one pattern.

    **Fix.** Read the rows with those words. That nothing is told proves nothing: fewer than about a
    dozen rows, and triggers on texts whose label was right, are not seen.
    """
    for note in facts.of("trigger"):
        yield told(note, context, Severity.MEDIUM, Confidence.MEDIUM)
    for note in facts.of("trigger-source"):
        yield told(note, context, Severity.LOW, Confidence.LOW)
    for note in facts.of("trigger-sample"):
        yield told(note, context, Severity.INFO)


@rule("SNT2025", "splits-overlap", severity=Severity.LOW, formats=_FORMATS, cwe="CWE-1284")
def splits_overlap(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """Indicator: rows for testing are among the rows for training.

    **What.** Files whose names say that they are different splits share rows or texts.

    **Why it matters.** The model is measured on what it has seen, and looks better than it is.

    **Fix.** Remove the shared rows from the training split.
    """
    yield from every(facts, context, lambda note: Severity.LOW, ("overlap",))


@rule("SNT2026", "columns-drift", severity=Severity.LOW, formats=_FORMATS, cwe="CWE-20")
def columns_drift(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """Indicator: the parts of one table have different columns.

    **What.** Files whose names differ in numbers or in the split alone, and not all with the same
    columns.

    **Why it matters.** A reader that joins them fills the gaps or shifts cells.

    **Fix.** Write all parts with the same columns.
    """
    yield from every(facts, context, lambda note: Severity.LOW, ("drift",))


_NEAR = {
    "near-copies": Severity.INFO,
    "near-templates": Severity.INFO,
    "near-sample": Severity.INFO,
    "near-floods": Severity.LOW,
    "near-overlap": Severity.LOW,
    "near-overlap-usual": Severity.INFO,
}


@rule("SNT2027", "texts-nearly-same", severity=Severity.LOW, formats=_FORMATS, cwe="CWE-1284")
def nearly_same(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """Indicator: texts are nearly the same as others, in one table or across its splits.

    **What.** Texts of at least eight words that have some 70 % of their word pairs in common with
    another, estimated from the least hashes of the pairs (Broder 1997). Low where one text has a
    hundredth of all texts like it, and where more than one in a hundred texts for testing is like
    one for training, and twice as often as those for training are like each other; else
    information. Where more than half of the texts are like another they are made from templates,
    which is information too. Texts that differ in numbers alone are not meant. Of a large table a
    part is looked at, and it is told how much.

    **Why it matters.** Repeats with a word changed pass a check for repeats. They teach their text
    as repeats do, and in a test set they flatter the model as the very rows would. Forms, mails
    from one sender and questions on one passage are alike for honest reasons.

    **Fix.** Look at the rows that are named; keep one of each, and all that are alike in one split.
    """
    for note in facts.of(*_NEAR):
        yield told(note, context, _NEAR[note.kind], Confidence.MEDIUM)


@rule("SNT2030", "schema-broken", severity=Severity.MEDIUM, formats=_FORMATS, cwe="CWE-20")
def schema_broken(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """The table does not hold to the schema that was given.

    **What.** Checks of a schema of pandera (`--schema`) that fail, with how many rows do.

    **Why it matters.** You said how the data should look, and it does not.

    **Fix.** Correct the rows, or the schema.
    """
    yield from every(facts, context, lambda note: Severity.MEDIUM, ("schema",))
