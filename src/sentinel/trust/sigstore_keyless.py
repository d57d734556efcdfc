"""Keyless signatures through Sigstore: an identity instead of a key.

Everything is done by the ``sigstore`` package. Signing needs the network, and publishes the
signer's identity and the model's digest in a public log for ever; it is never a default.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import SentinelError, TrustError
from . import bundle, oms, write
from .bundle import Bundle, wrong_method
from .dsse import IN_TOTO
from .extras import need
from .keys import read_small

if TYPE_CHECKING:
    from sigstore.models import ClientTrustConfig


class SigstoreTrust:
    """One identity of one issuer, as a keyless certificate names them.

    Args:
        identity: An e-mail address, or the URI of a workflow.
        issuer: URL of who vouched for it.
        trust_config: Trust configuration of a private instance; that of the public one otherwise,
            which is fetched.
        offline: Use what was fetched before, and no network.

    Raises:
        UsageError: The ``sigstore`` extra is not installed.
    """

    method = "sigstore"

    def __init__(
        self,
        identity: str,
        issuer: str,
        *,
        trust_config: str | os.PathLike[str] | None = None,
        offline: bool = False,
    ) -> None:
        need("sigstore", "sigstore")
        self._identity = identity
        self._issuer = issuer
        self._config = trust_config
        self._offline = offline

    def check(self, bundle: Bundle, raw: bytes, *, what: str) -> str:
        """Verify a bundle and return who signed it. Raises TrustError."""
        if bundle.material.method != self.method:
            raise wrong_method(bundle.material, self.method, what)
        from sigstore.models import Bundle as SigstoreBundle
        from sigstore.verify import Verifier
        from sigstore.verify.policy import Identity

        try:
            root = _trust_config(self._config, offline=self._offline).trusted_root
            policy = Identity(identity=self._identity, issuer=self._issuer)
            kind, payload = Verifier(trusted_root=root).verify_dsse(
                SigstoreBundle.from_json(raw), policy
            )
        except SentinelError:
            raise
        except Exception as error:  # the package has many, and passes on those of others
            raise _refused(error, what) from None
        if kind != IN_TOTO or payload != bundle.envelope.payload:
            raise TrustError("identity", f"{what}: the verified payload is another one")
        return f"{self._identity} (by {self._issuer})"


def sign(
    path: str | os.PathLike[str],
    *,
    signature: str | os.PathLike[str] | None = None,
    trust_config: str | os.PathLike[str] | None = None,
) -> str:
    """Sign a model with the identity of this machine's workload, or by a browser.

    Args:
        path: The model.
        signature: Where the signature goes; as for ``oms.sign``.
        trust_config: Trust configuration of a private instance.

    Returns:
        Where the signature is.

    Raises:
        TrustError: No identity could be had, or the services did not sign.
        UsageError: The ``sigstore`` extra is not installed.
    """
    need("sigstore", "sigstore")
    place = oms.signature_path(path, signature)
    oms.check_place(place)
    write.clean(place)
    payload = oms.payload_for(path, place)
    from sigstore.dsse import Statement
    from sigstore.oidc import IdentityToken, Issuer, detect_credential
    from sigstore.sign import SigningContext

    try:
        config = _trust_config(trust_config, offline=False)
        ambient = detect_credential()
        token = (
            IdentityToken(ambient)
            if ambient
            else Issuer(config.signing_config.get_oidc_url()).identity_token()
        )
        with SigningContext.from_trust_config(config).signer(token) as signer:
            made = signer.sign_dsse(Statement(payload)).to_json().encode("utf-8")
    except SentinelError:
        raise
    except Exception as error:
        raise _refused(error, place) from None
    bundle.parse(made, what=place)
    write.replace(place, made + b"\n")
    return place


def _trust_config(path: str | os.PathLike[str] | None, *, offline: bool) -> ClientTrustConfig:
    from sigstore.models import ClientTrustConfig

    if path is None:
        return ClientTrustConfig.production(offline=offline)
    return ClientTrustConfig.from_json(read_small(os.fsdecode(path)).decode("utf-8"))


def _refused(error: Exception, what: str) -> TrustError:
    text = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return TrustError(
        "identity",
        f"{what}: Sigstore: {text}",
        "check the identity, the issuer and the network",
    )
