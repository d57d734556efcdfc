"""What we think of files of plain tensors: safetensors, GGUF and GGML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.embedded import NATIVE
from ..formats.tensors import TensorFile
from . import RuleContext, rule

_FORMATS = ("safetensors", "gguf")
_LISTED = 20
_REBUILD = "Get the file again from its source, or save the tensors anew with the format's library."
_ORDINARY_KEY = re.compile(r"general\.|tokenizer\.|modelspec\.|ss_|quantize\.|.*licen[sc]e")


def _each(
    model: TensorFile, context: RuleContext, kinds: dict[str, str], lower: tuple[str, ...] = ()
) -> Iterator[Finding]:
    """Yield a finding for each problem of some kinds, twenty at most; ``lower`` are low ones."""
    matching = [problem for problem in model.problems if problem.kind in kinds]
    for problem in matching[:_LISTED]:
        yield context.finding(
            kinds[problem.kind],
            offset=problem.offset,
            evidence=problem.detail,
            remedy=_REBUILD,
            severity=Severity.LOW if problem.kind in lower else None,
        )
    if len(matching) > _LISTED:
        yield context.finding(
            f"at least {len(matching) - _LISTED} more like these",
            offset=matching[_LISTED].offset,
            evidence=matching[_LISTED].detail,
            remedy=_REBUILD,
            severity=Severity.LOW if matching[_LISTED].kind in lower else None,
        )


@rule("SNT1301", "tensor-named-twice", severity=Severity.MEDIUM, formats=_FORMATS, cwe="CWE-694")
def named_twice(model: TensorFile, context: RuleContext) -> Iterator[Finding]:
    """A key or a tensor occurs twice, and readers do not agree which one counts.

    **What.** The header of a safetensors file repeats a key, or a GGUF file repeats a key or the
    name of a tensor.

    **Why it matters.** One reader takes the first, another the last: what was reviewed need not be
    what is loaded. No writer does this.

    **Fix.** Get the file again from its source, or save the tensors anew.
    """
    yield from _each(model, context, {"duplicate": "a name that should be unique occurs twice"})


@rule("SNT1302", "tensor-out-of-place", severity=Severity.MEDIUM, formats=_FORMATS, cwe="CWE-130")
def out_of_place(model: TensorFile, context: RuleContext) -> Iterator[Finding]:
    """The places of the tensors do not add up.

    **What.** Tensors overlap, leave bytes between them that belong to none, end before they begin
    or past the end of the file, are not aligned, have a length that shape and type do not give, or
    more items than 64 bits can count. A gap of a few zero bytes is low, since some writers align,
    and so is a file that was cut short.

    **Why it matters.** Bytes that no tensor owns can be a second file. Sizes that do not fit each
    other make careless readers read or write outside of their memory.

    **Fix.** Get the file again from its source, or save the tensors anew.
    """
    kinds = {
        "overlap": "two tensors share bytes",
        "hole": "bytes between tensors belong to none of them",
        "padding": "zero bytes between tensors",
        "outside": "a tensor ends past the end of the file",
        "reversed": "a tensor ends before it begins",
        "size": "a tensor's length is not what its shape and type give",
        "huge": "a tensor has more items than 64 bits can count",
        "unaligned": "a tensor is not aligned as the format asks",
    }
    yield from _each(model, context, kinds, ("padding", "outside"))


@rule("SNT1303", "bytes-behind-tensors", severity=Severity.MEDIUM, formats=_FORMATS, cwe="CWE-1104")
def bytes_behind(model: TensorFile, context: RuleContext) -> Iterator[Finding]:
    """Bytes follow the last tensor.

    **What.** The file goes on where its description says that it ends. What follows is scanned as a
    file of its own. High where it begins with something that runs, an archive or a pickle.

    **Why it matters.** A file with an archive or a program behind the tensors is two files at once,
    and which one counts depends on who opens it.

    **Fix.** Get the file again from its source, or save the tensors anew.
    """
    for problem in model.problems:
        if problem.kind == "behind":
            yield context.finding(
                problem.detail,
                offset=problem.offset,
                evidence=problem.detail,
                remedy=_REBUILD,
                severity=Severity.HIGH if problem.entry else None,
            )


@rule("SNT1304", "file-in-tensor", severity=Severity.HIGH, formats=_FORMATS, cwe="CWE-506")
def file_in_tensor(model: TensorFile, context: RuleContext) -> Iterator[Finding]:
    """A tensor or a text of the metadata is a file of another kind.

    **What.** Where numbers should be there is the whole header of a program, a script, an archive
    or a pickle; or a text of the metadata is such a file written as Base64 or hexadecimal digits.
    Archives and pickles are scanned as members of their own.

    **Why it matters.** Loading the tensors does not run it. But a model is a good place to carry a
    program past a filter, to be taken out by something else.

    **Fix.** Ask whoever made the file what it is for; do not use it otherwise.
    """
    for found in model.files[:_LISTED]:
        yield context.finding(
            f"a file where {found.where!r} should be: {found.kind}",
            offset=found.offset,
            length=found.length,
            evidence=f"{found.kind} in {found.where}",
            severity=None if found.kind in NATIVE else Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
        )


@rule(
    "SNT1305", "tensor-header-malformed", severity=Severity.MEDIUM, formats=_FORMATS, cwe="CWE-20"
)
def malformed(model: TensorFile, context: RuleContext) -> Iterator[Finding]:
    """The description of the tensors is not what the format allows.

    **What.** An entry lacks its type, shape or offsets or has others, a value of `__metadata__` is
    no text, text follows the JSON header, a tensor has more dimensions than readers take, or
    (low) arrays are nested.

    **Why it matters.** The format's own library refuses such a file; another reader that takes it
    may see something else in it.

    **Fix.** Get the file again from its source, or save the tensors anew.
    """
    kinds = {
        "entry": "an entry of the header is malformed",
        "metadata": "the metadata is malformed",
        "header": "text behind the header",
        "nested": "an array of arrays, which few readers take",
    }
    yield from _each(model, context, kinds, ("nested",))


@rule("SNT1306", "vocabulary-mismatch", severity=Severity.MEDIUM, formats=("gguf",), cwe="CWE-130")
def vocabulary(model: TensorFile, context: RuleContext) -> Iterator[Finding]:
    """The lists of the tokenizer have different lengths.

    **What.** Scores or types of tokens are not as many as the tokens.

    **Why it matters.** Readers take the lengths of these lists for granted and read past the end of
    the shorter one.

    **Fix.** Convert the model again.
    """
    yield from _each(model, context, {"vocabulary": "the lists of the tokenizer differ in length"})


@rule("SNT1307", "unknown-item-type", severity=Severity.INFO, formats=_FORMATS)
def unknown_type(model: TensorFile, context: RuleContext) -> Iterator[Finding]:
    """A tensor has an item type that is not known here.

    **What.** The type's name or number is in no table. The file may be newer than this version or
    made for another program.

    **Why it matters.** The length of such a tensor cannot be checked.

    **Fix.** None is needed if you know the type.
    """
    matching = [problem for problem in model.problems if problem.kind == "type"]
    if matching:
        yield context.finding(
            f"{len(matching)} tensor(s) of an unknown type",
            offset=matching[0].offset,
            evidence=matching[0].detail,
        )


@rule("SNT1308", "markup-in-metadata", severity=Severity.LOW, formats=_FORMATS, cwe="CWE-79")
def markup(model: TensorFile, context: RuleContext) -> Iterator[Finding]:
    """A text of the metadata holds markup that a browser would run.

    **What.** A script element, a `javascript:` address or an event handler.

    **Why it matters.** Model hubs and user interfaces show metadata; one that does not escape it
    runs this.

    **Fix.** Remove the text.
    """
    yield from _each(model, context, {"markup": "markup in the metadata"})


@rule("SNT1310", "code-in-metadata", severity=Severity.MEDIUM, formats=_FORMATS, cwe="CWE-94")
def code(model: TensorFile, context: RuleContext) -> Iterator[Finding]:
    """A text of the metadata holds code.

    **What.** A call that runs commands in Python, the first line of a script, or a template that
    reaches into Python's internals. Chat templates of GGUF files are judged by themselves.

    **Why it matters.** Loading the tensors does nothing with it. A program that evaluates or
    renders metadata runs it.

    **Fix.** Remove the text, and show metadata as plain text only.
    """
    yield from _each(model, context, {"code": "code in the metadata"})


@rule("SNT1309", "address-in-metadata", severity=Severity.INFO, formats=_FORMATS)
def addresses(model: TensorFile, context: RuleContext) -> Iterator[Finding]:
    """The metadata holds addresses.

    **What.** URLs in keys where writers do not put any. Those of source, licence and author are not
    listed.

    **Why it matters.** None of them is opened by loading the tensors. They may tell where a file
    came from, or what some program is meant to fetch.

    **Fix.** None is needed.
    """
    odd = [(key, url) for key, url in model.urls if not _ORDINARY_KEY.match(key.lower())]
    if odd:
        listed = ", ".join(f"{key}: {url}" for key, url in odd[:_LISTED])
        yield context.finding(f"{len(odd)} address(es) in the metadata", evidence=listed[:1000])
