"""Keys that a command of the user's derives (a KMS, Vault): context in, 32 bytes out, no shell."""

from __future__ import annotations

import base64
import json
import shlex
import subprocess
from collections.abc import Sequence

from ...errors import UsageError
from .keys import decoded
from .secret import Secret

_SECONDS = 60.0


def words(text: str) -> tuple[str, ...]:
    """Return the words of a command: a JSON list, or text that is split as a shell would.

    Raises:
        UsageError: There are none, or the text is neither.
    """
    try:
        found = json.loads(text) if text.lstrip().startswith("[") else shlex.split(text)
    except ValueError:
        raise UsageError("exec: is followed by a command, or by a JSON list of its words") from None
    if not found or not all(isinstance(word, str) and word for word in found):
        raise UsageError("exec: names no command")
    return tuple(found)


class ExecKey:
    """Asks a command for each key: the context in base64 on its standard input, the key in base64
    on its standard output. What it writes besides is not shown, since it may be the key.

    Args:
        command: Program and arguments, run as they are.
    """

    __slots__ = ("_command",)

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)

    def derive(self, context: bytes) -> Secret:
        """Return the key that the command gives for a context.

        Raises:
            UsageError: The command cannot be run, fails, or gives no key.
        """
        asked = base64.b64encode(context) + b"\n"
        program = self._command[0]
        try:
            done = subprocess.run(
                self._command, input=asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                timeout=_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise UsageError(f"{program}: gave no key within {_SECONDS:g} seconds") from None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "cannot be run"
            raise UsageError(f"{program}: {reason or 'cannot be run'}") from None
        if done.returncode:
            raise UsageError(f"{program}: ended with {done.returncode} and gave no key")
        return decoded(done.stdout[:1024], f"what {program} wrote")
