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
