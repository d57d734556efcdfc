"""``sentinel sign``: sign every file of a model."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from ..errors import TrustError, UsageError
from ..reports.escape import printable
from .guard import note
from .options import parser_for

if TYPE_CHECKING:
    from ..trust.keys import Signer

_PASSWORD = "SENTINEL_KEY_PASSWORD"

DESCRIPTION = (
    "Sign every file of a model, as OpenSSF Model Signing 1.0 says. The signature is written to "
    "model.sig in a directory, or beside a single file. It says who vouches for these bytes, not "
    "that they are safe."
)
_KEYS = """\
a key pair, if you have none:

  sentinel sign --generate-key signing.pem      writes signing.pem and signing.pem.pub

or, with OpenSSL:

  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out signing.pem
  chmod 600 signing.pem
  openssl pkey -in signing.pem -pubout -out signing.pem.pub

The password of an encrypted key is taken from SENTINEL_KEY_PASSWORD.
"""


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.epilog = _KEYS
    parser.add_argument("path", nargs="?", metavar="PATH", help="directory or file of the model")
    one = add_key_options(parser)
    one.add_argument(
        "--sigstore", action="store_true",
        help="your identity, by Sigstore; needs the network, and is published in a public log",
    )  # fmt: skip
    one.add_argument("--generate-key", metavar="FILE", help="make a key pair and sign nothing")
    more = parser.add_argument_group("more about it")
    more.add_argument(
        "--trust-config", metavar="FILE", help="trust configuration of a private Sigstore"
    )
    parser.add_argument("--signature", metavar="FILE", help="where the signature goes")
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing when it worked")


def add_key_options(parser: argparse.ArgumentParser) -> argparse._ActionsContainer:
    """Add what says which key signs; return the group of which one must be given."""
    way = parser.add_argument_group("what signs; one of these")
    one = way.add_mutually_exclusive_group()
    one.add_argument("--key", metavar="FILE", help="private key in PEM, readable by you alone")
    one.add_argument(
        "--kms", metavar="URI",
        help="key in a service or on a token: awskms:, gcpkms:, azurekms:, hv:, hsm:, tkey: or "
        "file2:",
    )  # fmt: skip
    more = parser.add_argument_group("more about the key")
    more.add_argument("--public-key", metavar="FILE", help="public key of the --kms key, in PEM")
    more.add_argument("--certificate", metavar="FILE", help="certificate of the key, in PEM")
    more.add_argument(
        "--chain", action="append", default=[], metavar="FILE",
        help="certificates above it, in PEM; may be repeated",
    )  # fmt: skip
    return one


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    options = parser_for("sign").parse_args(argv)
    if options.generate_key:
        return _generate(options)
    if not options.path:
        raise UsageError("the path of the model is missing", "see sentinel sign --help")
    place = _sign(options)
    if not options.quiet:
        note(f"sentinel: signed {printable(options.path)}: {printable(place)}\n")
    return 0


def _sign(options: argparse.Namespace) -> str:
    if options.trust_config and not options.sigstore:
        raise UsageError("--trust-config is of no use without --sigstore")
    if options.sigstore:
        from ..trust import sigstore_keyless

        if options.certificate or options.chain or options.public_key:
            raise UsageError("--sigstore brings a certificate and a key of its own")

        return sigstore_keyless.sign(
            options.path, signature=options.signature, trust_config=options.trust_config
        )
    from ..trust import oms

    return oms.sign(options.path, signer_of(options), signature=options.signature)


def signer_of(options: argparse.Namespace) -> Signer:
    """Return what signs. Raises UsageError when no key was named."""
    from ..trust.keys import load_signer

    source = options.key or options.kms
    if not source:
        hint = "sentinel sign --generate-key FILE makes a key pair"
        raise UsageError("say what signs: --key or --kms", hint)
    if options.public_key and not options.kms:
        raise UsageError("--public-key is of no use without --kms")
    if options.key:
        _outside(options.key, options.path)
    signer = load_signer(source, password(), public_key=options.public_key)
    if not options.certificate:
        if options.chain:
            raise UsageError("--chain is of no use without --certificate")
        return signer
    from ..trust.certificates import CertificateSigner

    return CertificateSigner(signer, options.certificate, options.chain)


def password() -> bytes | None:
    """Return the password of private keys out of the environment; None when there is none."""
    given = os.environ.get(_PASSWORD)
    return os.fsencode(given) if given else None


def _outside(key: str, path: str) -> None:
    from ..trust.files import within

    if within(key, path):
        message = f"{key}: the private key lies inside the model and would be handed out with it"
        raise TrustError("key-inside-model", message, "move it elsewhere, and make a new one")


def _generate(options: argparse.Namespace) -> int:
    from ..trust.keygen import generate

    if options.path:
        raise UsageError("--generate-key signs nothing", "leave the path out")
    public, keyid = generate(options.generate_key, password())
    if not options.quiet:
        sys.stdout.write(f"{printable(options.generate_key)}: keep it to yourself\n")
        sys.stdout.write(f"{printable(public)}: give it to those who verify (key {keyid[:16]})\n")
    return 0
