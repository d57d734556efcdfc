"""Trust: where a model came from, whether its bytes are the checked ones, and loading it safely.

Nothing of this room is imported by a scan. Names are resolved on first use, and the libraries that
each part needs are asked for where they are used.
"""

from __future__ import annotations

from importlib import import_module

_HOMES: dict[str, str] = {
    "CertificateSigner": "certificates",
    "CertificateTrust": "certificates",
    "Manifest": "manifest",
    "REASONS": "reasons",
    "SigstoreTrust": "sigstore_keyless",
    "load_public_key": "keys",
    "load_signer": "keys",
    "manifest_of": "manifest",
}

__all__ = [
    "REASONS",
    "CertificateSigner",
    "CertificateTrust",
    "Manifest",
    "SigstoreTrust",
    "load_public_key",
    "load_signer",
    "manifest_of",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
