"""``sentinel attest``: say of a model, signed, what a scan found and where it came from."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..reports.escape import printable
from ..verdicts import EXIT_OK, exit_code
from .guard import note
from .options import add_settings_options, parser_for, settings_from
from .sign import add_key_options, signer_of

if TYPE_CHECKING:
    from ..settings import Settings
    from ..trust.attest.make import Attested
    from ..trust.attest.mlbom import Library
    from ..trust.attest.slsa import Dependency
    from ..trust.statement import Statement
    from ..trust.vulndb.store import Database
    from ..trust.watermark.record import Record

DESCRIPTION = (
    "Say of a model, signed, what a scan found, where it came from and what it consists of. The "
    "attestations are written to .sentinel/attestations.intoto.jsonl in a directory, or beside a "
    "single file. What you type is a claim of yours and is marked as one."
)
_DIGEST = re.compile(r"(.+)=sha256:([0-9a-f]{64})", re.ASCII | re.DOTALL)
_LIMITS = """\
An attestation says who vouches for these words about these bytes. It does not say that the model is
safe: a scan that passed has found nothing, which is not the same. Signed on your own machine,
provenance is SLSA Build L1. Findings that settings, suppressions or a baseline accept are not set
aside here.

exit codes: as for scan, where --scan is given; else 0
"""


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.epilog = _LIMITS
    parser.add_argument("path", metavar="PATH", help="directory or file of the model")
    add_key_options(parser)
    what = parser.add_argument_group("what is attested; at least one")
    what.add_argument("--scan", action="store_true", help="scan every file, and what was found")
    what.add_argument("--name", help="name that the model is registered under")
    what.add_argument("--model-version", type=int, metavar="N", help="version it has there")
    what.add_argument(
        "--slsa-params", action="append", default=[], metavar="KEY=VALUE",
        help="a further claim about how it came to be; may be repeated",
    )  # fmt: skip
    what.add_argument(
        "--dataset", action="append", default=[], metavar="FILE",
        help="a file it was trained on, which is hashed here, or NAME=sha256:DIGEST, which is a "
        "claim; may be repeated",
    )  # fmt: skip
    what.add_argument("--mlbom", action="store_true", help="a CycloneDX 1.6 bill of materials")
    what.add_argument(
        "--vulns", action="store_true",
        help="what the imported database of known vulnerabilities says of its lists of packages",
    )  # fmt: skip
    what.add_argument(
        "--watermark", metavar="RECORD", help="that a mark was put in, by the record of it"
    )
    what.add_argument(
        "--svr", metavar="POLICY", help="verify it by this policy first, and what then held"
    )
    what.add_argument(
        "--cosign", action="append", default=[], metavar="FILE",
        help="all that the owner of this public key signed about these files; may be repeated",
    )  # fmt: skip
    more = parser.add_argument_group("more about it")
    more.add_argument(
        "--requirements", metavar="FILE", help="what it needs, for --mlbom and --vulns"
    )
    more.add_argument(
        "--database", metavar="FILE", help="known vulnerabilities for --vulns, instead of your own"
    )
    more.add_argument(
        "--card", action="append", default=[], metavar="KEY=VALUE",
        help="a claim for the model card of the --mlbom: task, approach, architecture-family or "
        "model-architecture; may be repeated",
    )  # fmt: skip
    more.add_argument(
        "--sarif", metavar="FILE", help="report of the same scan, bound by its digest"
    )
    add_settings_options(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing when it worked")


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    options = parser_for("attest").parse_args(argv)
    if sum(map(bool, (_own(options), options.svr, options.cosign))) > 1:
        raise UsageError("--svr and --cosign go with nothing else that is attested")
    settings = settings_from(options)
    if options.svr:
        made = _verdict(options)
    elif options.cosign:
        made = _cosign(options)
    else:
        made = _attest(options, settings)
    if not options.quiet:
        for line in _told(options.path, made):
            sys.stdout.write(f"{printable(line)}\n")
    if not made.reports:
        return EXIT_OK
    judged = [report for report in made.reports if not report.is_other]
    return exit_code(judged, settings.fail_on, require_complete=settings.require_complete)


def _own(options: argparse.Namespace) -> bool:
    names = (
        "scan",
        "model_version",
        "slsa_params",
        "dataset",
        "mlbom",
        "card",
        "sarif",
        "watermark",
        "vulns",
    )
    given = any(getattr(options, name) for name in names)
    return given or bool(options.name and not options.svr)


def _attest(options: argparse.Namespace, settings: Settings) -> Attested:
    from ..trust.attest.make import Wanted, attest_model

    if options.requirements and not (options.mlbom or options.vulns):
        raise UsageError("--requirements is of no use without --mlbom or --vulns")
    if options.database and not options.vulns:
        raise UsageError("--database is of no use without --vulns")
    if options.sarif and not options.scan:
        raise UsageError("--sarif is of no use without --scan")
    provenance = bool(options.name or options.slsa_params or options.dataset)
    wanted = Wanted(
        scan=options.scan,
        provenance=provenance or options.model_version is not None,
        mlbom=options.mlbom,
        name=options.name or "",
        version=options.model_version,
        parameters=dict(_pairs(options.slsa_params, "--slsa-params")),
        datasets=tuple(_dataset(text) for text in options.dataset),
        libraries=_libraries(options) if options.requirements and options.mlbom else (),
        known=_known(options.database) if options.vulns else None,
        lists=(options.requirements,) if options.requirements else (),
        mark=_mark(options.watermark) if options.watermark else None,
        card=dict(_pairs(options.card, "--card")),
        sarif_sha256=_hash(options.sarif) if options.sarif else "",
        fail_on=settings.fail_on,
        limits=settings.limits,
    )
    return attest_model(options.path, signer_of(options), wanted)


def _verdict(options: argparse.Namespace) -> Attested:
    from ..trust.attest.make import attest_verdict
    from ..trust.policy import load_policy
    from ..trust.verify import verify_by_policy

    if not options.name:
        raise UsageError("--svr needs --name", "the name that the model is registered under")
    signer = signer_of(options)
    found = verify_by_policy(options.path, load_policy(options.svr), name=options.name)
    return attest_verdict(
        options.path,
        signer,
        found.properties,
        manifest_digest=found.manifest,
        policy=found.policy,
        policy_sha256=found.policy_sha256,
    )


def _cosign(options: argparse.Namespace) -> Attested:
    from ..trust.attest.make import cosign
    from ..trust.keys import load_public_key

    return cosign(
        options.path, signer_of(options), [load_public_key(path) for path in options.cosign]
    )


def _pairs(texts: Sequence[str], option: str) -> Iterator[tuple[str, str]]:
    seen = set()
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key or not value:
            raise UsageError(f"{option} {text[:80]!r} is not KEY=VALUE")
        if key in seen:
            raise UsageError(f"{option}: {key[:80]!r} is given twice")
        seen.add(key)
        yield key, value


def _dataset(text: str) -> Dependency:
    from ..trust.attest.slsa import Dependency

    found = _DIGEST.fullmatch(text)
    if found is not None:
        return Dependency(found[1], found[2])
    return Dependency(os.path.basename(text), _hash(text), claimed=False)


def _hash(path: str) -> str:
    from ..digests import sha256_of

    found = sha256_of(path)
    if not found:
        raise UsageError(f"{path}: cannot be read as a file", "give a file, or NAME=sha256:DIGEST")
    return found


def _mark(path: str) -> Record:
    from ..trust.watermark.record import read_record

    return read_record(path)


def _known(path: str | None) -> Database:
    from ..trust.vulndb.store import open_database

    found = open_database(path or None)
    if found is None:
        raise UsageError(
            "there is no database of known vulnerabilities, so nothing can be said of them",
            "sentinel vulndb import FILE",
        )
    if found.info.is_old():
        note(f"sentinel: warning: known vulnerabilities: {printable(found.info.describe())}\n")
    return found


def _libraries(options: argparse.Namespace) -> tuple[Library, ...]:
    from ..trust.attest.libraries import libraries_of

    path = options.requirements
    found, left_out = libraries_of(path)
    if left_out:
        note(f"sentinel: {printable(path)}: {left_out} lines that name no package of an index\n")
    return found


def _told(path: str, made: Attested) -> Iterator[str]:
    from ..trust.manifest import count

    yield f"{path}: {count(len(made.manifest.files))}, manifest {made.manifest.digest}"
    for statement in made.statements:
        yield f"  {_line(statement)}"
    if made.kept:
        yield f"  {made.kept} earlier attestations of these files stay"
    if made.dropped:
        yield f"  {made.dropped} that were replaced, or speak of other files, are gone"
    yield f"written to {made.place}"


def _line(statement: Statement) -> str:
    from ..trust.attest.describe import describe

    return describe(statement)
