"""What we think of the manifests of images and artifacts: names and addresses of their blobs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Finding, Severity
from ..formats.oci import Descriptor, OciManifest
from . import RuleContext, rule
from .archive_paths import deception, escape

_DIGEST = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Za-z0-9=_-]{32,}\Z")
_REMEDY = "Do not pull this image or artifact."


@rule("SNT1357", "oci-name-leads-outside", severity=Severity.HIGH, formats=("oci",), cwe="CWE-22")
def name_leads_outside(model: OciManifest, context: RuleContext) -> Iterator[Finding]:
    """A blob would be written outside of the folder it is pulled to.

    **What.** The digest of a blob is none (`sha256:` and hexadecimal digits) but bears a path, or
    the title under which tools keep it is absolute, climbs with `..` or names a drive or a share.

    **Why it matters.** Tools make file names of both. A digest such as `sha256:../../etc/x` let a
    registry write anywhere on the host that pulled from it (CVE-2024-37032).

    **Fix.** Do not pull it.
    """
    for found in model.descriptors:
        how = escape(found.title) or deception(found.title) if found.title else ""
        if how:
            yield _finding(context, f"the title of a {found.role} {how}", found, found.title)
        if found.digest and not _DIGEST.match(found.digest):
            severity = Severity.HIGH if re.search(r"[/\\.]", found.digest) else Severity.LOW
            message = f"the digest of a {found.role} is none"
            yield _finding(context, message, found, found.digest, severity)


@rule("SNT1358", "oci-blob-elsewhere", severity=Severity.MEDIUM, formats=("oci",), cwe="CWE-829")
def blob_elsewhere(model: OciManifest, context: RuleContext) -> Iterator[Finding]:
    """A blob is to be fetched from an address that the manifest names.

    **What.** A descriptor has `urls`. Low for layers of a kind that may not be handed round
    (`nondistributable`, `foreign`), as base images of Windows have them.

    **Why it matters.** Whoever pulls it asks a server of the author's choice, in some tools with
    the credentials for the registry (CVE-2020-15157).

    **Fix.** Find out what the server is; pull from a registry that holds all blobs.
    """
    for found in model.descriptors:
        if found.urls:
            usual = "nondistributable" in found.media_type or ".foreign." in found.media_type
            severity = Severity.LOW if usual else Severity.MEDIUM
            message = f"a {found.role} is fetched from elsewhere"
            yield _finding(context, message, found, found.urls[0], severity)


def _finding(
    context: RuleContext, message: str, found: Descriptor, evidence: str,
    severity: Severity | None = None,
) -> Finding:  # fmt: skip
    return context.finding(
        message, evidence=f"{found.media_type}: {evidence}"[:300], remedy=_REMEDY, severity=severity
    )
