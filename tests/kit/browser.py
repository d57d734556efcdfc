"""A headless Chromium, driven over its DevTools protocol by a pair of pipes.

The pipe needs no library and no port. What a page says on its console, throws, or tries to load is
kept, so that a test can demand that there was nothing.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_PATIENCE = 60.0
_LAUNCH = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); " \
    "os.execvp(sys.argv[3], sys.argv[3:])"  # fmt: skip
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-extensions",
    "--disable-features=IsolateSandboxedIframes", "--hide-scrollbars", "--mute-audio",
    "--force-color-profile=srgb", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-pipe",
)  # fmt: skip


def program() -> str | None:
    """Return the path of a Chromium; None where there is none."""
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


class BrowserError(Exception):
    """The browser refused a command, did not answer, or a script of the test's threw."""


class Browser:
    """One browser; use it as a context manager.

    Attributes:
        said: Errors and warnings of the console, exceptions, and violations of the policy.
        asked: Addresses of everything the page asked for, its own included.
    """

    def __init__(self) -> None:
        found = program()
        if found is None:
            raise BrowserError("there is no Chromium here")
        self.said: list[str] = []
        self.asked: list[str] = []
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        down, self._down = os.pipe()
        self._up, up = os.pipe()
        passed = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (down, up)]
        words = [found, *_FLAGS, f"--user-data-dir={self._profile.name}", "about:blank"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, *map(str, passed), *words],
            pass_fds=passed,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in (down, up, *passed):
            os.close(end)
        self._number = 0
        self._read = bytearray()
        self._events: list[dict[str, Any]] = []
        self._session = self._frame = ""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.send(f"{domain}.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the browser."""
        self._session = ""
        try:
            self.send("Browser.close")
        except (BrowserError, OSError):
            self._process.kill()
        self._process.wait(_PATIENCE)
        os.close(self._down)
        os.close(self._up)
        self._profile.cleanup()

    def send(self, method: str, **parameters: Any) -> Any:
        """Send a command and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._down, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                return answer["result"]
            self._note(answer)

    def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded; forget what was said before."""
        self.said.clear()
        self.asked.clear()
        self._events.clear()
        self._frame = ""
        done = self.send("Page.navigate", url=address)
        if done.get("errorText"):
            raise BrowserError(f"{address}: {done['errorText']}")
        self.wait("Page.loadEventFired")

    def wait(self, event: str) -> None:
        """Wait for an event."""
        while not any(seen["method"] == event for seen in self._events):
            self._note(self._next())

    def run(self, script: str, **where: Any) -> Any:
        """Return the value of a JavaScript expression; a promise is waited for."""
        done = self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True, **where
        )
        if "exceptionDetails" in done:
            raise BrowserError(f"{script}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def run_in_frame(self, script: str) -> Any:
        """Return the value of an expression in the frame that the page made last."""
        page, context = self._session, 0
        if not self._frame:
            frames = self.send("Target.getTargets")["targetInfos"]
            other = [found["targetId"] for found in frames if found["type"] == "iframe"]
            if other:  # a frame in a process of its own
                done = self.send("Target.attachToTarget", targetId=other[-1], flatten=True)
                self._frame = done["sessionId"]
        if not self._frame:
            for event in self._events:
                if event["method"] == "Runtime.executionContextCreated":
                    context = event["params"]["context"]["id"]
            return self.run(script, contextId=context)
        self._session = self._frame
        try:
            for domain in ("Runtime", "Log"):
                self.send(f"{domain}.enable")  # which tells what has been said so far
            return self.run(script)
        finally:
            self._session = page

    def until(self, script: str, wanted: Any, *, frame: bool = False) -> Any:
        """Return the value of an expression once it is the wanted one, or after 300 frames."""
        run = self.run_in_frame if frame else self.run
        for _ in range(300):
            value = run(script)
            if value == wanted:
                break
            run("new Promise(done => requestAnimationFrame(() => done()))")
        return value

    def press(self, key: str, *, text: str | None = None, shift: bool = False) -> None:
        """Press a key, as a person at the keyboard would."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32}
        typed = {"Enter": "\r"}.get(key, key if len(key) == 1 else "") if text is None else text
        facts: dict[str, Any] = {
            "key": key,
            "windowsVirtualKeyCode": codes.get(key, ord(key.upper()) if len(key) == 1 else 0),
            "modifiers": 8 if shift else 0,
        }
        kind = "keyDown" if typed else "rawKeyDown"
        self.send("Input.dispatchKeyEvent", type=kind, text=typed, **facts)
        self.send("Input.dispatchKeyEvent", type="keyUp", **facts)

    def type(self, text: str) -> None:
        """Type a text."""
        for char in text:
            self.press(char)

    def look(self, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Set the size of the window, and which of the two themes is preferred."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def scripts(self, *, allowed: bool) -> None:
        """Let pages run scripts or not."""
        self.send("Emulation.setScriptExecutionDisabled", value=not allowed)

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Write a screenshot, of the window or of the whole page, as PNG."""
        done = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(done["data"]))

    def _note(self, event: dict[str, Any]) -> None:
        if "method" not in event:
            return
        self._events.append(event)
        facts = event["params"]
        if event["method"] == "Log.entryAdded":
            self.said.append(facts["entry"]["text"])
        elif event["method"] == "Runtime.exceptionThrown":
            self.said.append(str(facts["exceptionDetails"]))
        elif event["method"] == "Runtime.consoleAPICalled":
            self.said.append(str(facts["args"]))
        elif event["method"] == "Network.requestWillBeSent":
            self.asked.append(facts["request"]["url"])

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + _PATIENCE
        while b"\0" not in self._read:
            ready, _, _ = select.select([self._up], [], [], max(0.0, end - time.monotonic()))
            more = os.read(self._up, 1 << 20) if ready else b""
            if not more:
                raise BrowserError("the browser does not answer")
            self._read += more
        message, _, rest = bytes(self._read).partition(b"\0")
        self._read[:] = rest
        answer: dict[str, Any] = json.loads(message)
        return answer
