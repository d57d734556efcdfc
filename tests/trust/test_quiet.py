"""Signing and verifying with keys and certificates opens no connection and starts nothing.

Told by the interpreter's own audit events, in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.trust.signing_kit import leaf, model, pair, root, save

WATCHED = """
import sys
from sentinel.trust import oms
from sentinel.trust.certificates import CertificateSigner, CertificateTrust
from sentinel.trust.keys import load_public_key, load_signer

seen = []
sys.addaudithook(lambda event, _: seen.append(event))
model, private, public, key, certificate, authority = sys.argv[1:]
oms.sign(model, load_signer(private))
oms.verify(model, load_public_key(public))
oms.sign(model, CertificateSigner(load_signer(key), certificate, [authority]))
oms.verify(model, CertificateTrust([authority], "CN=model-signer"))
assert "open" in seen  # the hook is there
bad = ("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.fork", "os.system", "pickle.")
print(sorted({event for event in seen if event.startswith(bad)}))
"""
UNTRUSTED = """
import sys
import sentinel
from sentinel.cli import main
assert main(["scan", "--help"]) == 0
rooms = [name for name in sys.modules if name.startswith(("sentinel.trust", "cryptography"))]
print(rooms, file=sys.stderr)
"""


def run(script: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True)


def test_no_connection_and_no_process(tmp_path: Path) -> None:
    key, authority = pair(tmp_path), root(tmp_path)
    made = leaf(tmp_path, authority)
    own = save(tmp_path, "leaf", made.key)
    places = (
        model(tmp_path / "m"),
        key.private,
        key.public,
        own.private,
        made.path,
        authority.path,
    )
    assert run(WATCHED, *places).stdout == "[]\n"


def test_a_scan_imports_none_of_it() -> None:
    assert run(UNTRUSTED).stderr == "[]\n"
