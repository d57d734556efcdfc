"""What we think of the files of a dataset: disguises, programs, hidden text, cells that run.

What is looked for is found by ``sentinel.datasets``; the rules here say what it means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..findings import Confidence, Finding, Severity
from . import RuleContext, rule
from .dataset_notes import DatasetFacts, Note

_FORMATS = ("dataset",)


def told(
    note: Note,
    context: RuleContext,
    severity: Severity,
    confidence: Confidence = Confidence.HIGH,
    remedy: str = "",
) -> Finding:
    """Return the finding for a note, with its counts and rows as facts."""
    where = f" in column {note.column}" if note.column else ""
    found = context.finding(
        f"{note.text}{where}",
        offset=note.offset,
        line=note.line,
        evidence=note.evidence,
        remedy=remedy,
        severity=severity,
        confidence=confidence,
    )
    facts: dict[str, object] = {
        "kind": note.kind, "number": note.number, "total": note.total, "rows": list(note.rows),
        "column": note.column,
    }  # fmt: skip
    if note.rows and note.line is None:
        listed = ", ".join(map(str, note.rows[:10]))
        found = found._replace(message=f"{found.message} (rows {listed})")
    parts = [found.location.member, note.member, f"column:{note.column}" if note.column else ""]
    place = found.location._replace(member="!".join(filter(None, parts)))
    kept = {name: value for name, value in facts.items() if value not in (0, "", [])}
    return found._replace(locations=(place,), facts=kept)


def every(
    facts: DatasetFacts,
    context: RuleContext,
    judge: Callable[[Note], Severity],
    kinds: tuple[str, ...],
    confidence: Confidence = Confidence.HIGH,
) -> Iterator[Finding]:
    """Yield the finding of each note of some kinds."""
    for note in facts.of(*kinds):
        yield told(note, context, judge(note), confidence)


@rule("SNT2001", "dataset-name-disagrees", severity=Severity.MEDIUM, formats=_FORMATS,
      cwe="CWE-434")  # fmt: skip
def name_disagrees(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """A file of the dataset is something else than its name says.

    **What.** The ending promises a table, a picture or an array, the content is of another kind: an
    archive, an HTML page, a document. A picture of another format than its ending says, or text
    where a picture should be, is low; a program or a pickle under such a name is told by the rules
    about those.

    **Why it matters.** Whoever opens the file by its content (a browser, a file manager, a loader
    that sniffs) gets what the name hid; whoever goes by the name passes it on unseen. Most often it
    is an error page that was saved as data.

    **Fix.** Look at the file; get it again, or give it the name of what it is.
    """
    yield from every(facts, context, lambda note: Severity.MEDIUM, ("name-other",))
    yield from every(facts, context, lambda note: Severity.LOW, ("name-near",))


@rule("SNT2002", "dataset-holds-program", severity=Severity.HIGH, formats=_FORMATS, cwe="CWE-506")
def holds_program(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """A program lies in the dataset.

    **What.** A file of the dataset is machine code (ELF, PE, Mach-O) or, under the name of data, a
    script or byte code; or a text holds the header of a program in Base64. Code is not examined.

    **Why it matters.** Data needs no program. It is there to be run by something: by a loading
    script, by a person, or by what takes it out of the text.

    **Fix.** Remove it. A dataset of programs (for the study of malware) belongs into an archive
    with a password, and its users must know.
    """
    for note in facts.of("program", "program-encoded"):
        sure = Confidence.HIGH if note.kind == "program" else Confidence.MEDIUM
        yield told(note, context, Severity.HIGH, sure)


@rule("SNT2003", "dataset-needs-unpickling", severity=Severity.HIGH, formats=_FORMATS,
      cwe="CWE-502")  # fmt: skip
def needs_unpickling(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """Data that can be read only by unpickling it.

    **What.** A pickle, an array of Python objects (`.npy`, `.npz`), or a pickle in the metadata of
    a table. What it would run is told beside this by the rules about pickles; that those are silent
    about it does not make the next version of the file harmless.

    **Why it matters.** A pickle runs what its author wants when it is read, and data does not need
    one: whoever can change the dataset can run code where it is trained on.

    **Fix.** Write it as Parquet, CSV, JSON, or as arrays of numbers and of text of a fixed width.
    """
    yield from every(facts, context, lambda note: Severity.HIGH, ("pickle",), Confidence.MEDIUM)


@rule("SNT2004", "picture-polyglot", severity=Severity.HIGH, formats=_FORMATS, cwe="CWE-434")
def polyglot(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """A picture or sound is another file too.

    **What.** Behind its end, or in place of its structure, there is an archive, a program, a
    document, or markup and script. A viewer shows the picture; a browser, an unpacker or an
    interpreter sees the other file.

    **Why it matters.** It passes every check that looks at the beginning alone, and carries a
    second stage along with the data.

    **Fix.** Write the picture anew from its pixels, which drops everything else.
    """
    yield from every(facts, context, lambda note: Severity.HIGH, ("polyglot",))


@rule("SNT2005", "picture-holds-code", severity=Severity.HIGH, formats=_FORMATS, cwe="CWE-79")
def picture_code(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """A comment or the source of a picture holds code.

    **What.** PHP, script or an encoded call in a comment, in EXIF or XMP; in an SVG, which is text
    that browsers run, a `<script>` or a handler of events (medium).

    **Why it matters.** Web shells travel in the comments of pictures, and an SVG that is opened in
    a browser, or shown by a labelling tool, runs its script there.

    **Fix.** Write the picture anew without its metadata; turn drawings into pixels.
    """
    yield from every(facts, context, lambda note: Severity.HIGH, ("picture-code",),
                     Confidence.MEDIUM)  # fmt: skip
    yield from every(facts, context, lambda note: Severity.MEDIUM, ("svg-code",))


@rule("SNT2006", "picture-trailing-data", severity=Severity.LOW, formats=_FORMATS, cwe="CWE-1104")
def trailing(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """There is data behind the end of a picture or sound.

    **What.** Bytes of no known kind, a second picture or a film. Cameras and telephones append
    such things (previews, the film of a "live" picture), which is told as information.

    **Why it matters.** No decoder looks at it, so it can carry anything, also what should not leave
    the house.

    **Fix.** Write the picture anew from its pixels.
    """
    yield from every(facts, context, lambda note: Severity.LOW, ("trailing",))
    yield from every(facts, context, lambda note: Severity.INFO, ("trailing-picture",))


@rule("SNT2007", "picture-broken", severity=Severity.LOW, formats=_FORMATS, cwe="CWE-20")
def broken_picture(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """A picture or sound is broken, or is far larger than its file.

    **What.** Its structure ends early or does not hold; or (medium) its header claims more pixels
    than Pillow is willing to unpack.

    **Why it matters.** Decoders written in C meet broken input with their oldest code, and a claim
    of a billion pixels takes the memory of whoever believes it.

    **Fix.** Leave it out, or get it again.
    """
    yield from every(facts, context, lambda note: Severity.LOW, ("picture-broken",))
    yield from every(facts, context, lambda note: Severity.MEDIUM, ("picture-bomb",))


_HIDDEN = {
    "hidden-tags": Severity.HIGH,
    "hidden-selectors": Severity.HIGH,
    "hidden-overrides": Severity.MEDIUM,
    "hidden-zero-run": Severity.MEDIUM,
    "hidden-turns": Severity.LOW,
    "hidden-zero": Severity.LOW,
}


@rule("SNT2010", "hidden-text", severity=Severity.HIGH, formats=_FORMATS, cwe="CWE-1007")
def hidden_text(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """The text holds characters that no screen shows.

    **What.** Tag characters or runs of variation selectors, which carry a second text (high);
    marks that turn the direction of text where nothing is written from right to left, and long runs
    of characters without width (medium); single ones of those within Latin words (low). Flags,
    emoji and the joiners of Arabic, Persian and Indic scripts are not meant.

    **Why it matters.** A person who checks the data sees one text, the model is trained on another:
    instructions, triggers for a backdoor, or marks by which copies are told apart.

    **Fix.** Remove the characters before training; ask where the rows came from.
    """
    for note in facts.of(*_HIDDEN):
        yield told(note, context, _HIDDEN[note.kind], Confidence.MEDIUM)


@rule("SNT2011", "text-not-utf8", severity=Severity.LOW, formats=_FORMATS, cwe="CWE-176")
def not_utf8(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """The text is not UTF-8.

    **What.** Bytes that UTF-8 does not have; the first such line and byte are named.

    **Why it matters.** Readers guess, replace or drop them, each in its own way: two people train
    on two texts. Filters that decode strictly pass over such rows.

    **Fix.** Write the file in UTF-8.
    """
    yield from every(facts, context, lambda note: Severity.LOW, ("not-utf8",))


@rule("SNT2012", "rows-do-not-fit", severity=Severity.LOW, formats=_FORMATS, cwe="CWE-20")
def rows_do_not_fit(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """Rows do not have the shape of their table.

    **What.** Rows with more or fewer cells than the others, lines that are no JSON, places where
    quotes do not end, values of several types under one key.

    **Why it matters.** One reader drops such rows, another shifts their cells: a label ends up in
    the text, and what was checked is not what is read.

    **Fix.** Write the table anew with a library that quotes cells.
    """
    yield from every(
        facts, context, lambda note: Severity.LOW, ("ragged", "broken-rows", "mixed-types")
    )


@rule("SNT2013", "key-stands-twice", severity=Severity.MEDIUM, formats=_FORMATS, cwe="CWE-436")
def key_twice(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """A key stands twice in one JSON object.

    **What.** The same key with different values; with the same value it is low.

    **Why it matters.** Python takes the last one, other readers the first or none: a check sees one
    value, the training another.

    **Fix.** Keep one of them.
    """
    yield from every(facts, context, lambda note: Severity.MEDIUM, ("keys-differ",))
    yield from every(facts, context, lambda note: Severity.LOW, ("keys-same",))


@rule("SNT2014", "formula-in-cell", severity=Severity.HIGH, formats=_FORMATS, cwe="CWE-1236")
def formula(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """A cell of the table is a formula to a spreadsheet.

    **What.** Cells that begin with `=`, `+`, `-` or `@` and call a function, or name a program to
    exchange data with (DDE). Formulas that fetch, link or start something are high, others low.
    Numbers and words behind a sign are none.

    **Why it matters.** Who opens the table in Excel, LibreOffice or Google Sheets runs them: they
    send other cells away or start a program.

    **Fix.** Put an apostrophe in front, or leave the rows out.
    """
    yield from every(facts, context, lambda note: Severity.HIGH, ("formula-reaches",),
                     Confidence.MEDIUM)  # fmt: skip
    yield from every(facts, context, lambda note: Severity.LOW, ("formula",), Confidence.MEDIUM)


@rule("SNT2015", "links-in-data", severity=Severity.INFO, formats=_FORMATS, cwe="CWE-829")
def links(facts: DatasetFacts, context: RuleContext) -> Iterator[Finding]:
    """The data leads to other places.

    **What.** How many links there are and to which hosts; links that run script, or lead to
    the service that gives a cloud machine its credentials, are low.

    **Why it matters.** What a link gives can be exchanged after the dataset was checked (Carlini et
    al. 2023, "split-view poisoning"); only a digest beside each link helps.

    **Fix.** Keep a SHA-256 for each link and compare it when the content is fetched.
    """
    yield from every(facts, context, lambda note: Severity.INFO, ("links",))
    yield from every(facts, context, lambda note: Severity.LOW, ("links-run", "links-inner"))
