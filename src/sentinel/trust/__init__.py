"""Trust: where a model came from, whether its bytes are the checked ones, and loading it safely.

Nothing of this room is imported by a scan. Names are resolved on first use, and the libraries that
each part needs are asked for where they are used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .attest.make import Wanted, attest_model
    from .certificates import CertificateSigner, CertificateTrust
    from .keys import load_public_key, load_signer
    from .load import LoadPolicy, LoadResult, secure_load
    from .manifest import Manifest, manifest_of
    from .policy import Policy, load_policy
    from .reasons import REASONS
    from .sigstore_keyless import SigstoreTrust
    from .verify import Refused, Verification, verify_by_policy
    from .watermark.api import (
        embed_watermark,
        embed_watermark_file,
        verify_watermark,
        verify_watermark_file,
    )
    from .watermark.keys import load_watermark_key
    from .watermark.outcome import Outcome, try_embed_watermark
    from .watermark.record import NotMarked

_HOMES: dict[str, str] = {
    "CertificateSigner": "certificates",
    "CertificateTrust": "certificates",
    "LoadPolicy": "load",
    "LoadResult": "load",
    "Manifest": "manifest",
    "NotMarked": "watermark.record",
    "Outcome": "watermark.outcome",
    "Policy": "policy",
    "REASONS": "reasons",
    "Refused": "verify",
    "SigstoreTrust": "sigstore_keyless",
    "Verification": "verify",
    "Wanted": "attest.make",
    "attest_model": "attest.make",
    "embed_watermark": "watermark.api",
    "embed_watermark_file": "watermark.api",
    "load_policy": "policy",
    "load_public_key": "keys",
    "load_signer": "keys",
    "load_watermark_key": "watermark.keys",
    "manifest_of": "manifest",
    "secure_load": "load",
    "try_embed_watermark": "watermark.outcome",
    "verify_by_policy": "verify",
    "verify_watermark": "watermark.api",
    "verify_watermark_file": "watermark.api",
}

__all__ = [
    "REASONS",
    "CertificateSigner",
    "CertificateTrust",
    "LoadPolicy",
    "LoadResult",
    "Manifest",
    "NotMarked",
    "Outcome",
    "Policy",
    "Refused",
    "SigstoreTrust",
    "Verification",
    "Wanted",
    "attest_model",
    "embed_watermark",
    "embed_watermark_file",
    "load_policy",
    "load_public_key",
    "load_signer",
    "load_watermark_key",
    "manifest_of",
    "secure_load",
    "try_embed_watermark",
    "verify_by_policy",
    "verify_watermark",
    "verify_watermark_file",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
