"""``sentinel verify``: is a model, file by file, what someone trusted has signed?"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING

from ..errors import TrustError, UsageError
from ..reports.escape import printable
from .guard import note
from .options import parser_for

if TYPE_CHECKING:
    from ..trust.oms import Trust, Verified
    from ..trust.verify import Verification

DESCRIPTION = (
    "Verify that a model is, file by file, what someone you trust has signed: a directory, a file, "
    "or a snapshot in the cache of Hugging Face. Nothing may be there that was not signed. A "
    "signature says who vouched for these bytes, not that they are safe or the newest."
)

_SIGNED = ("key", "certificate_root", "sigstore_identity")
_FITTING = {
    "signature": _SIGNED,
    "compatible": _SIGNED,
    "allow_unsigned": _SIGNED,
    "subject": ("certificate_root",),
    "chain": ("certificate_root",),
    "sigstore_issuer": ("sigstore_identity",),
    "trust_config": ("sigstore_identity",),
    "name": ("policy",),
}
"""What each option goes with: one that asks for more than is looked at must not be passed over."""


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.add_argument("path", metavar="PATH", help="directory or file of the model")
    parser.add_argument("--signature", metavar="FILE", help="where the signature is")
    _add_whom(parser)
    policy = parser.add_argument_group("or by a policy")
    policy.add_argument("--policy", metavar="FILE", help="what must hold, for which models")
    policy.add_argument("--name", help="name that the model is to be used under")
    passed = parser.add_argument_group("what is accepted without a signature")
    passed.add_argument(
        "--allow-unsigned", action="append", default=[], metavar="NAME",
        help="a file that needs none, never a model file or code; may be repeated",
    )  # fmt: skip
    passed.add_argument(
        "--compatible", action="store_true",
        help="what the reference implementation leaves out: files of Git, and paths that the "
        "signer ignored; never a model file or code",
    )  # fmt: skip
    passed.add_argument(
        "--blobs", action="store_true",
        help="of a Hugging Face snapshot, check against the names of its blobs alone",
    )  # fmt: skip
    parser.add_argument("-f", "--format", choices=("text", "json"), default="text", help="(text)")
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing when it holds")


def _add_whom(parser: argparse.ArgumentParser) -> None:
    key = parser.add_argument_group("whom to believe: a key")
    key.add_argument("--key", metavar="FILE", help="public key in PEM")
    certificate = parser.add_argument_group("or a certificate")
    certificate.add_argument(
        "--certificate-root", action="append", default=[], metavar="FILE",
        help="certificate of an authority, in PEM; none is trusted otherwise; may be repeated",
    )  # fmt: skip
    certificate.add_argument(
        "--subject", metavar="NAME",
        help="whom it was issued to: CN=model-signer,O=Example, or email:, uri: or dns: and a name",
    )  # fmt: skip
    certificate.add_argument(
        "--chain", action="append", default=[], metavar="FILE",
        help="certificates between them, in PEM; may be repeated",
    )  # fmt: skip
    identity = parser.add_argument_group("or a keyless identity; needs the network")
    identity.add_argument("--sigstore-identity", metavar="NAME", help="who signed")
    identity.add_argument("--sigstore-issuer", metavar="URL", help="who vouched for the identity")
    identity.add_argument("--trust-config", metavar="FILE", help="of a private Sigstore")
    identity.add_argument(
        "--offline", action="store_true", help="use what Sigstore fetched before, and no network"
    )


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    options = parser_for("verify").parse_args(argv)
    try:
        shown, notes = _verify(options)
    except TrustError as error:
        if options.format == "json":
            told = {"reason": error.reason, "message": error.message, "hint": error.hint}
            found = getattr(error, "verification", None)  # of a policy
            more = _policy_shown(found) if found is not None else {}
            _tell_json({"path": options.path, **more, "verdict": "refused", **told})
        elif (found := getattr(error, "verification", None)) is not None:
            for line in _policy_told(found):
                sys.stdout.write(f"{printable(line)}\n")
        raise
    if options.format == "json":
        _tell_json({"path": options.path, **shown})
    elif not options.quiet:
        for line in notes:
            sys.stdout.write(f"{printable(line)}\n")
    return 0


def _verify(options: argparse.Namespace) -> tuple[dict[str, object], list[str]]:
    ways = [
        name
        for name in ("key", "certificate_root", "sigstore_identity", "policy", "blobs")
        if getattr(options, name)
    ]
    if len(ways) != 1:
        message = "say whom to believe" if not ways else "believe one, or write a policy"
        hint = "--key, --certificate-root with --subject, --sigstore-identity or --policy"
        raise UsageError(message, hint)
    _check_fitting(options, ways[0])
    if ways[0] == "blobs":
        return _blobs(options.path)
    if ways[0] == "policy":
        return _by_policy(options)
    from ..trust import oms

    found = oms.verify(
        options.path,
        _trust(options, ways[0]),
        signature=options.signature,
        strict=not options.compatible,
        allow_unsigned=options.allow_unsigned,
    )
    return _shown(found), _told(options.path, found)


def _check_fitting(options: argparse.Namespace, way: str) -> None:
    """Raise UsageError for an option that would be passed over, or keys that a model brought."""
    for name, ways in _FITTING.items():
        if getattr(options, name) and way not in ways:
            raise UsageError(f"--{_spelt(name)} does not go with --{_spelt(way)}")
    from ..trust.files import within

    for path in (options.key, options.policy, options.trust_config, *options.certificate_root):
        if path and within(path, options.path):
            hint = "whoever sends the model would send it too: have it from elsewhere"
            raise UsageError(f"{path}: lies inside the model", hint)


def _spelt(name: str) -> str:
    return name.replace("_", "-")


def _trust(options: argparse.Namespace, way: str) -> Trust:
    if way == "key":
        from ..trust.keys import load_public_key

        return load_public_key(options.key)
    if way == "certificate_root":
        from ..trust.certificates import CertificateTrust

        if not options.subject:
            raise UsageError("--certificate-root needs --subject", "e.g. --subject CN=model-signer")
        return CertificateTrust(
            options.certificate_root, options.subject, intermediates=options.chain
        )
    from ..trust.sigstore_keyless import SigstoreTrust

    if not options.sigstore_issuer:
        raise UsageError("--sigstore-identity needs --sigstore-issuer")
    return SigstoreTrust(
        options.sigstore_identity,
        options.sigstore_issuer,
        trust_config=options.trust_config,
        offline=options.offline,
    )


def _shown(found: Verified) -> dict[str, object]:
    return {
        "verdict": "verified",
        "name": found.name,
        "signer": found.signer,
        "method": found.method,
        "manifest_sha256": found.manifest.digest,
        "files": [one._asdict() for one in found.manifest.files],
        "unsigned": list(found.unsigned),
    }


def _told(path: str, found: Verified) -> list[str]:
    from ..trust.manifest import count

    lines = [
        f"{path}: {count(len(found.manifest.files))} as signed by {found.signer}",
        f"manifest {found.manifest.digest}",
    ]
    if found.unsigned:
        lines.append(f"not signed and passed over: {', '.join(found.unsigned[:10])}")
    return lines


def _by_policy(options: argparse.Namespace) -> tuple[dict[str, object], list[str]]:
    if not options.name:
        # A directory is named by whoever packed it, and the name decides which rules hold.
        raise UsageError("--policy needs --name", "the name that the model is registered under")
    from ..trust.policy import load_policy
    from ..trust.verify import verify_by_policy

    found = verify_by_policy(options.path, load_policy(options.policy), name=options.name)
    return _policy_shown(found), _policy_told(found)


def _policy_shown(found: Verification) -> dict[str, object]:
    return {
        "verdict": "verified",
        "name": found.name,
        "policy": found.policy,
        "policy_sha256": found.policy_sha256,
        "manifest_sha256": found.manifest,
        "version": found.version,
        "checks": [
            {"name": one.name, "ok": one.ok, "reason": one.reason, "detail": one.detail}
            for one in found.checks
        ],
    }


def _policy_told(found: Verification) -> list[str]:
    answer = "accepted" if found.accepted else "refused"
    lines = [f"{found.path}: {answer} as {found.name!r} by {found.policy}"]
    for one in found.checks:
        lines.append(f"  {'ok' if one.ok else 'failed'} {one.name}: {one.detail}")
    return lines


def _blobs(path: str) -> tuple[dict[str, object], list[str]]:
    from ..trust.manifest import OWN_FILES, count, manifest_of
    from ..trust.tree import hf_blobs

    if not hf_blobs(path):
        raise UsageError(
            f"{path}: not a snapshot in the cache of Hugging Face",
            "give the directory below snapshots/ that is named by the commit",
        )
    found = manifest_of(path, ignore=OWN_FILES)
    loose = [one.name for one in found.files if not os.path.islink(os.path.join(path, one.name))]
    if loose or not found.files:
        message = f"{path}: no blob of the cache: {', '.join(loose[:5]) or 'there is no file'}"
        raise TrustError("unsigned-file", message, "download the model again")
    note("sentinel: nothing was said about who made these files; that takes a signature\n")
    shown: dict[str, object] = {
        "verdict": "blobs-match",
        "manifest_sha256": found.digest,
        "files": [one._asdict() for one in found.files],
    }
    told = f"{path}: {count(len(found.files))}, each the blob that its name says"
    return shown, [told, f"manifest {found.digest}"]


def _tell_json(value: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
