"""Small files for the hooks: inert hostile ones, and their nearest harmless neighbours."""

from __future__ import annotations

import pickle

HOSTILE = b"cos\nsystem\n(S'echo inert'\ntR."
"""Protocol 0, which is text: what a hook that asks for binary files never sees."""
HOSTILE_4 = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x0aecho inert\x85R."
BENIGN = pickle.dumps({"weights": [0.25, 0.5], "name": "echo inert"}, 0)
BENIGN_4 = pickle.dumps({"weights": [0.25, 0.5], "name": "echo inert"}, 4)


def pointer(content: bytes) -> bytes:
    """Return the Git LFS pointer to some content, as a clone without smudging has it."""
    import hashlib

    digest = hashlib.sha256(content).hexdigest()
    return (
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(content)}\n"
    ).encode()
