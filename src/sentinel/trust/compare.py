"""What was signed against what is there, file by file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import TrustError
from .manifest import GIT, Manifest, covers

_SHOWN = 5
_GET_AGAIN = "get the model again from who signed it"
_DOWNLOADED = "registered_model_meta"


def require_same(signed: Mapping[str, str], found: Manifest, *, what: str) -> None:
    """Check that a model is, file by file, what was signed.

    Args:
        signed: SHA-256 by name.
        found: The model as it is.
        what: The model's name, for error messages.

    Raises:
        TrustError: ``digest-mismatch``, ``missing-file``, ``unsigned-file`` or
            ``empty-directory``; the message names the files.
    """
    there = {one.name: one.sha256 for one in found.files}
    changed = [name for name, digest in signed.items() if there.get(name, digest) != digest]
    if changed:
        raise _refuse("digest-mismatch", what, "not the file that was signed", changed)
    missing = signed.keys() - there.keys()
    if missing:
        raise _refuse("missing-file", what, "signed but not there", missing)
    extra = there.keys() - signed.keys()
    if extra:
        raise _refuse("unsigned-file", what, "there but not signed", extra)
    if found.empty_directories:
        raise _refuse("empty-directory", what, "no file in it", found.empty_directories)


def _refuse(reason: str, what: str, how: str, names: Iterable[str]) -> TrustError:
    listed = sorted(names)
    shown = ", ".join(listed[:_SHOWN])
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    hint = {"unsigned-file": "remove it, or have it signed"}.get(reason, _GET_AGAIN)
    if reason == "empty-directory":
        hint = "remove it; no signature covers a directory"
    if reason == "unsigned-file" and listed == [_DOWNLOADED]:
        hint = f"MLflow wrote it when it downloaded the model: --allow-unsigned {_DOWNLOADED}"
    elif reason == "unsigned-file" and all(covers(GIT, name) for name in listed):
        hint = "files of Git, which other tools leave out of a signature: --compatible accepts them"
    return TrustError(reason, f"{what}: {how}: {shown}{more}", hint)
