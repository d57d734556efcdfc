"""What we think of a model's configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.model_config import ModelConfig
from . import RuleContext, rule

_LISTED = 20
_OUTSIDE = re.compile(
    r"\A(?:[/\\~]|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*://)|(?:\A|[/\\])\.\.(?:[/\\]|\Z)|\0"
)


@rule("SNT1417", "config-names-code", severity=Severity.LOW, formats=("model-config",))
def names_code(config: ModelConfig, context: RuleContext) -> Iterator[Finding]:
    """The configuration names Python code that comes with the model.

    **What.** `auto_map` or `custom_pipelines` names a module in the model's own repository.

    **Why it matters.** With `trust_remote_code=True` the loader imports that module. It is code
    like any other; the model cannot be called safe before it was read.

    **Fix.** Read the module, pin the revision, or use a model that needs no code of its own.
    """
    own = [found for found in config.code if not found.repository]
    if own:
        listed = ", ".join(f"{found.key}: {found.target}" for found in own[:_LISTED])
        yield context.finding(
            f"names {len(own)} class(es) of code in this repository, run by trust_remote_code",
            evidence=listed[:1000],
        )
    if config.trusts:
        yield context.finding(
            "asks for trust_remote_code by itself", evidence="trust_remote_code: true"
        )


@rule(
    "SNT1419",
    "config-names-foreign-code",
    severity=Severity.HIGH,
    formats=("model-config",),
    cwe="CWE-829",
)
def names_foreign_code(config: ModelConfig, context: RuleContext) -> Iterator[Finding]:
    """The configuration names Python code in another repository.

    **What.** `auto_map` or `custom_pipelines` holds `owner/name--module.Class`, or
    `attn_implementation` is a repository of kernels that is not the library's own.

    **Why it matters.** With `trust_remote_code=True` the loader downloads that module from the
    other repository at its newest revision and imports it. Whoever owns that repository decides
    what runs, today and tomorrow, and pinning this model does not pin it. Kernels are downloaded
    and imported by some versions of transformers without being asked to trust anything.

    **Fix.** Copy the module into the model's repository, or pass `code_revision`. Load with an
    `attn_implementation` of your own choosing.
    """
    for found in [one for one in config.code if one.repository][:_LISTED]:
        yield context.finding(
            f"names code of another repository, {found.repository}",
            evidence=f"{found.key}: {found.repository}--{found.target}"[:300],
            confidence=Confidence.MEDIUM,  # fine-tuned models of honest people have it too
            remedy="Copy the module into this repository, or pass code_revision.",
        )


@rule(
    "SNT1418", "index-leads-outside", severity=Severity.HIGH, formats=("model-config",),
    cwe="CWE-22",
)  # fmt: skip
def leads_outside(config: ModelConfig, context: RuleContext) -> Iterator[Finding]:
    """An index of weights names a file outside of the model's directory.

    **What.** A value of `weight_map` is an absolute path, an address, or climbs with `..`.

    **Why it matters.** The loader joins the name to the model's directory and opens what comes
    out: a file that nobody looked at, and a pickle where the index is one of `.bin` files.

    **Fix.** Treat the directory as hostile.
    """
    for name in [one for one in config.files if _OUTSIDE.search(one)][:_LISTED]:
        yield context.finding(
            "the index names a file outside of this directory",
            evidence=name[:300],
            remedy="Do not load this model.",
        )


@rule(
    "SNT1416", "config-key-twice", severity=Severity.LOW, formats=("model-config",), cwe="CWE-694"
)
def key_twice(config: ModelConfig, context: RuleContext) -> Iterator[Finding]:
    """A key of the configuration occurs twice in one object.

    **What.** The same key twice, with readers that take the first or the last.

    **Why it matters.** What a person or another tool reads need not be what the loader sees.

    **Fix.** Remove one of them.
    """
    if config.duplicates:
        yield context.finding(
            f"{len(config.duplicates)} key(s) occur twice",
            evidence=", ".join(repr(key[:80]) for key in config.duplicates[:_LISTED]),
            confidence=Confidence.MEDIUM,
        )


_WORDS = re.compile(r"[^\W\d_]{3,}|://")
_SPECIAL = re.compile(r"<[^<>\s]{1,60}>|\[[A-Z0-9_]{1,30}\]")
_ATOM = r"(?:\\p\{[^{}]{1,40}\}|\\.|\[[^\[\]]{1,300}\]|[^()\[\]\\|?*+{}])"
_NESTED = re.compile(rf"\((?:\?:|\?<\w+>)?{_ATOM}(?:[*+]|\{{\d*,\}})\)(?:[*+](?!\+)|\{{\d*,\}})")


@rule(
    "SNT1501", "tokenizer-puts-words-in", severity=Severity.MEDIUM, formats=("model-config",),
    cwe="CWE-506",
)  # fmt: skip
def puts_words_in(config: ModelConfig, context: RuleContext) -> Iterator[Finding]:
    """A step of the tokenizer puts words or an address into the text.

    **What.** A `Replace` or `Prepend` of the normalizer, the pre-tokenizer or the decoder puts in
    a word of three letters or more, or a part of an address. Special tokens are not meant.

    **Why it matters.** Normalizers change what the model reads, decoders what it is seen to say:
    addresses in its answers and in calls of tools can be turned to another server, and refusals
    to consent, while the weights are those of the honest model.

    **Fix.** Take `tokenizer.json` from the base model.
    """
    for step in config.rewrites:
        if _WORDS.search(_SPECIAL.sub("", step.new)):
            old = f"{step.old[:100]!r} by " if step.kind == "Replace" else ""
            yield context.finding(
                f"the tokenizer puts {step.new[:80]!r} into the text",
                evidence=f"{step.kind} {old}{step.new[:200]!r}",
                remedy="Take the tokenizer of the base model.",
                confidence=Confidence.MEDIUM,
            )


@rule(
    "SNT1502", "tokenizer-pattern-explodes", severity=Severity.MEDIUM, formats=("model-config",),
    cwe="CWE-1333",
)  # fmt: skip
def pattern_explodes(config: ModelConfig, context: RuleContext) -> Iterator[Finding]:
    """A regular expression of the tokenizer can take time without bound.

    **What.** Something that repeats without bound is all there is in a group that repeats without
    bound, as in `(a+)+`.

    **Why it matters.** A short text can keep the expression busy for years: one request stops a
    server.

    **Fix.** Take `tokenizer.json` from the base model.
    """
    for pattern in config.patterns:
        match = _NESTED.search(pattern)
        if match:
            yield context.finding(
                f"an expression repeats what repeats, {match[0][:80]!r}",
                evidence=pattern[:300],
                remedy="Take the tokenizer of the base model.",
                confidence=Confidence.MEDIUM,
            )
