"""Turns everything that can go wrong into an exit code and at most a line on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from ..errors import SentinelError, TrustError
from ..reports.escape import printable
from ..verdicts import EXIT_ERROR, EXIT_FINDINGS, EXIT_INTERRUPTED, EXIT_OK


class Finished(Exception):
    """Ends a command with an exit code, all output written.

    Args:
        code: The exit code.
    """

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def guarded(command: Callable[[list[str]], int], arguments: list[str]) -> int:
    """Run a command and return its exit code; never raises.

    A reader that goes away (``sentinel scan . | head``) is no error: the rest of the output is
    dropped and the exit code stands.
    """
    _tolerate_names()
    try:
        try:
            code = command(arguments)
        except Finished as finished:
            code = finished.code
        return _flush(code)
    except KeyboardInterrupt:
        complain("interrupted")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return EXIT_OK
    except TrustError as error:
        # Refused is an answer and no error of ours: the code of findings, with the reason's name.
        complain(f"refused ({error.reason}): {error.message}", error.hint)
        return _flush(EXIT_FINDINGS)
    except SentinelError as error:
        complain(error.message, error.hint)
    except Exception as error:
        if isinstance(error, FileNotFoundError) and not _has_place():
            complain("the working directory is gone", "change to one that is there")
        else:
            _crash(error, verbose=_wants_traceback(arguments))
    _flush(EXIT_ERROR)
    return EXIT_ERROR


def complain(message: str, hint: str = "") -> None:
    """Write an error, and the way out of it, to standard error."""
    text = f"sentinel: {printable(message, 2_000)}\n"
    if hint:
        text += f"  help: {printable(hint, 2_000)}\n"
    note(text)


def note(text: str) -> None:
    """Write text to standard error; one that is closed or gone is no reason to fail."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):
        pass


def _has_place() -> bool:
    try:
        os.getcwd()
    except OSError:
        return False
    return True


def _tolerate_names() -> None:
    if sys.stdout is None:  # closed by whoever started this: the exit code is all that is wanted
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _flush(code: int) -> int:
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
    except OSError as error:
        complain(f"cannot write to standard output: {error.strerror or error}")
        _drop_output()
        return EXIT_ERROR
    return code


def _drop_output() -> None:
    # The interpreter flushes once more at exit, which would complain.
    try:
        descriptor = sys.stdout.fileno()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, descriptor)
        os.close(null)
    except (AttributeError, OSError, ValueError):
        pass


def _wants_traceback(arguments: list[str]) -> bool:
    return "-vv" in arguments or sum(word in ("-v", "--verbose") for word in arguments) > 1


def _crash(error: Exception, *, verbose: bool) -> None:
    if verbose:
        import traceback

        for line in "".join(traceback.format_exception(error)).splitlines():
            note(f"{printable(line, 2_000)}\n")
    text = " ".join(str(error).split())
    complain(
        f"internal error: {type(error).__name__}: {text}",
        "this is a bug, please report it with the output of -vv",
    )
