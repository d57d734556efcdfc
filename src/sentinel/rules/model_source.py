"""What we think of Python source that stands beside a model or came with one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.model_source import Act, ModelSource
from . import RuleContext, rule
from .shell_words import Idiom, idiom_of
from .source_sinks import effect_of

_MODES = re.compile(r"(?:\A|\s)[wax][bt+]*\Z|\A[wax][bt+]*\s")
_OUTSIDE = re.compile(
    r"\A(?:/(?!tmp/|dev/(?:null|shm)|opt/ml/|workspace/|mnt/)|~|\.\./|[A-Za-z]:\\)"
    r"|\.(?:ssh|bashrc|zshrc|profile|bash_profile|netrc|aws|kube|pypirc)\b|site-packages"
    r"|sitecustomize|usercustomize|/cron|systemd|authorized_keys|LaunchAgents|autostart"
)
_SECRETS = re.compile(
    r"\.ssh/|id_rsa|id_ed25519|\.aws/credentials|/etc/(?:passwd|shadow)|\.netrc|\.kube/config"
    r"|\.docker/config\.json|\.git-credentials|\.huggingface/token|Login Data"
)
_SHELLS = re.compile(
    r"\A(?:/\S*/)?(?:(?:ba|z|da|k|a|c)?sh|cmd(?:\.exe)?|powershell|pwsh|nc|ncat)\Z"
)
_THROUGH_SHELL = re.compile(r"\.(?:system|popen\d?|getoutput|getstatusoutput|\w+_shell)\Z")
_ORDINARY = re.compile(
    r"\A(?:/\S*/)?(?:git|hg|nvidia-smi|rocm-smi|ff(?:mpeg|probe|play)|sox|uname|which|where|sysctl"
    r"|lscpu|ldconfig|nvcc|hipcc|cmake|make|ninja|gcc|g\+\+|cc|c\+\+|clang|protoc|espeak(?:-ng)?"
    r"|java|sw_vers|lsb_release|getconf|swig|perl -v|ldd)(?:\s|\Z)"
)
_HOUSEKEEPING = re.compile(
    r"\A(?:(?:python3? -m )?pip3?|conda|apt(?:-get)?|wget|unzip|tar|mkdir|ls|cp|mv|cd)\s"
)
_PREPARES = re.compile(r"\.(?:ClientSession|Session|Client|PoolManager)\Z")
_RESOLVES = re.compile(r"\.(?:gethostbyname(?:_ex)?|getaddrinfo)\Z")
_HERE = re.compile(r"(?:localhost|127\.|0\.0\.0\.0|::1)")
_LISTERS = re.compile(r"os\.(?:f?walk|listdir|scandir)\Z|glob\.i?glob\Z")
_SYSTEM_LIBRARY = re.compile(r"\A(?:lib)?[\w.+-]*\Z")
_HIDDEN = frozenset(("decoded", "fetched"))
_TELLS = {
    "decoded": "which the source had encoded",
    "fetched": "which comes from the network",
}


def _hidden(act: Act) -> str:
    """Return in words what the arguments were hidden in; empty when they were not."""
    return next((says for kind, says in _TELLS.items() if kind in act.given), "")


def _idiom(act: Act) -> Idiom | None:
    return idiom_of(act.text) if act.text else None


def _is_setup(context: RuleContext) -> bool:
    return context.artifact.leaf == "setup.py"


def _is_notebook(context: RuleContext) -> bool:
    return context.artifact.leaf == "cells"


def _is_line_of_shell(act: Act, context: RuleContext) -> bool:
    """Return True for what a notebook ordinarily has the shell do, as ``!pip install`` does."""
    if act.path.startswith("IPython."):
        return True
    return _is_notebook(context) and bool(_HOUSEKEEPING.match(act.program or act.text))


def _is_own_code(act: Act, context: RuleContext) -> bool:
    """Return True for ``exec(open("version.py").read())``, as half of all setup.py have it."""
    return "read" in act.given and _is_setup(context)


def _on_import(act: Act, context: RuleContext) -> Severity | None:
    effect = effect_of(act.path)
    if "listed" in act.given:
        return Severity.MEDIUM if effect == "command" else None
    if effect == "command":
        idiom = _idiom(act)
        if idiom or _HIDDEN & act.given:
            return Severity.CRITICAL
        ordinary = _ORDINARY.match(act.program or act.text) or _is_line_of_shell(act, context)
        return Severity.LOW if ordinary and not _SHELLS.match(act.program) else Severity.HIGH
    if effect == "gadget":
        if act.path.startswith("torch.hub."):
            return Severity.MEDIUM
        return Severity.HIGH if act.text or _HIDDEN & act.given else Severity.LOW
    if effect == "code":
        if act.path == "builtins.compile" or _is_own_code(act, context):
            return None
        if act.path.startswith("types."):
            return Severity.LOW  # mostly named, as the type of what is registered
        computed = {"computed", "read"} & act.given and not act.path.endswith("eval")
        return Severity.MEDIUM if computed else Severity.LOW
    if effect == "native":
        alone = act.text and _SYSTEM_LIBRARY.match(act.text.split(" ")[0])
        return Severity.LOW if alone or not act.text else Severity.MEDIUM
    if effect == "stage":
        loads = act.path.endswith("loads")
        return Severity.HIGH if loads and (act.text or "decoded" in act.given) else Severity.LOW
    if effect == "network":
        if _is_notebook(context):
            return Severity.LOW  # its reader runs it, cell by cell, and most fetch their data
        if _RESOLVES.search(act.path):
            return Severity.HIGH if act.text and not _HERE.match(act.text) else None
        return Severity.LOW if _PREPARES.search(act.path) else Severity.HIGH
    return Severity.HIGH if effect == "classes" else None


def _on_use(act: Act) -> Severity | None:
    effect = effect_of(act.path)
    if "listed" in act.given:
        return None
    if effect == "command":
        if _ORDINARY.match(act.program or act.text):
            return Severity.LOW
        plain = act.program and not _SHELLS.match(act.program)
        shell = act.shell or _THROUGH_SHELL.search(act.path)
        return Severity.LOW if plain and not shell else Severity.MEDIUM
    if effect == "code":
        if act.path.endswith(".exec") and "computed" in act.given:
            return Severity.MEDIUM
        return Severity.LOW if act.given & {"computed", "read"} else None
    if effect in ("stage", "native", "network", "gadget"):
        return Severity.LOW
    return Severity.MEDIUM if effect == "classes" else None


def _evidence(act: Act) -> str:
    text = f"({act.text!r})" if act.text else "()"
    return f"{act.path}{text}"[:300]


@rule(
    "SNT1370", "model-source-acts-on-import", severity=Severity.HIGH, formats=("model-source",),
    cwe="CWE-506",
)  # fmt: skip
def acts_on_import(source: ModelSource, context: RuleContext) -> Iterator[Finding]:
    """Importing this source runs commands, opens the network, or executes something.

    **What.** At its top level, in a class body, or in a function that the top level calls, the
    source starts a process, connects somewhere, evaluates code, loads native code, or unpickles a
    constant.

    **Why it matters.** Code beside a model is imported to load it: by `trust_remote_code=True`, by
    `torch.hub`, by a server that was told the handler's name, by `pip install` for a `setup.py`.
    Whatever happens at import happens before anybody has used the model.

    **Fix.** Read the lines named here first. Code that only queries the machine (`git`,
    `nvidia-smi`) is reported low.
    """
    for act in source.acts:
        severity = _on_import(act, context) if act.when == "import" else None
        if severity is not None and not (_hidden(act) and effect_of(act.path) == "code"):
            yield context.finding(
                f"importing this source calls {act.path}",
                line=act.line,
                evidence=_evidence(act),
                severity=severity,
                remedy="Read the source before anything imports it.",
            )


@rule(
    "SNT1371", "source-runs-hidden-code", severity=Severity.CRITICAL,
    formats=("model-source",), cwe="CWE-506",
)  # fmt: skip
def runs_hidden_code(source: ModelSource, context: RuleContext) -> Iterator[Finding]:
    """The source executes code that it had encoded, or that it gets from the network.

    **What.** What is given to `exec`, `eval`, a command or an unpickler was decoded from base64,
    unpacked, put together from numbers, or downloaded.

    **Why it matters.** Nobody encodes code that may be seen. What is downloaded can be another
    program tomorrow.

    **Fix.** Do not import this source. The decoded code is scanned too where it is a constant.
    """
    for act in source.acts:
        says = _hidden(act)
        if says and effect_of(act.path) in ("code", "command"):
            if act.path == "builtins.compile" and "read" in act.given:
                continue
            levels = {"import": Severity.CRITICAL, "use": Severity.HIGH, "call": Severity.MEDIUM}
            yield context.finding(
                f"{act.path} is given something {says}",
                line=act.line,
                evidence=_evidence(act),
                severity=levels[act.when],
                confidence=Confidence.HIGH if act.when == "import" else Confidence.MEDIUM,
                remedy="Do not import this source.",
            )


@rule(
    "SNT1372", "model-source-acts-on-use", severity=Severity.MEDIUM, formats=("model-source",),
    cwe="CWE-506",
)  # fmt: skip
def acts_on_use(source: ModelSource, context: RuleContext) -> Iterator[Finding]:
    """A method that a loader or a server calls runs commands or code.

    **What.** `__init__`, `forward`, `handle`, `predict`, the `run` of a command in `setup.py` and
    the like, or what they call, start a process through a shell or with a computed command.
    Weaker forms (a fixed program, `eval` of a computed text, the network, another
    deserialiser) are reported low.

    **Why it matters.** These methods run as soon as the model is made or used.

    **Fix.** Read the lines named here.
    """
    for act in source.acts:
        severity = _on_use(act) if act.when == "use" and not _hidden(act) else None
        if severity is not None and _idiom(act) is None:
            yield context.finding(
                f"a method that is called when the model is used reaches {act.path}",
                line=act.line,
                evidence=_evidence(act),
                severity=severity,
                confidence=Confidence.MEDIUM,
            )


@rule(
    "SNT1373", "source-opens-shell-to-network", severity=Severity.HIGH,
    formats=("model-source",), cwe="CWE-506",
)  # fmt: skip
def opens_shell(source: ModelSource, context: RuleContext) -> Iterator[Finding]:
    """The source gives a shell away, or has a command that only an intruder needs.

    **What.** A command of a known shape (`/dev/tcp`, `nc -e`, `curl … | sh`, `base64 -d | sh`, a
    new line in `authorized_keys` or a crontab), or a socket whose descriptor is put in the place
    of standard input of a shell.

    **Why it matters.** There is no ordinary use of it in a model.

    **Fix.** Do not run anything of this model; find out how it came here.
    """
    for act in source.acts:
        if effect_of(act.path) == "command" and (idiom := _idiom(act)) is not None:
            severity = Severity.CRITICAL if act.when == "import" else idiom.severity
            yield context.finding(
                f"a command that {idiom.says}",
                line=act.line,
                evidence=_evidence(act),
                severity=severity,
            )
    called = {act.path: act for act in source.acts}
    connects = next((act for path, act in called.items() if path.startswith("socket.")), None)
    turned = called.get("os.dup2") or called.get("pty.spawn")
    if connects is not None and turned is not None:
        yield context.finding(
            "a socket and a terminal or descriptors turned to it: a shell for somebody elsewhere",
            line=turned.line,
            evidence=f"{connects.path} (line {connects.line}), {turned.path}",
            severity=Severity.CRITICAL if turned.when == "import" else Severity.HIGH,
        )


@rule(
    "SNT1374", "source-touches-foreign-files", severity=Severity.HIGH,
    formats=("model-source",), cwe="CWE-22",
)  # fmt: skip
def touches_files(source: ModelSource, context: RuleContext) -> Iterator[Finding]:
    """The source writes, removes or reads files that are none of a model's business.

    **What.** It opens a file outside of the working directory for writing, removes one, or reads
    keys, passwords or the files of a login shell.

    **Why it matters.** A line in `.bashrc`, `authorized_keys` or `sitecustomize.py` runs at the
    next login or the next start of Python; a key that was read can be sent away.

    **Fix.** Read the lines named here.
    """
    for act in source.acts:
        effect = effect_of(act.path)
        if act.when == "call" or effect not in ("open", "write", "remove") or not act.text:
            continue
        writes = effect != "open" or bool(_MODES.search(act.text))
        outside = writes and bool(_OUTSIDE.search(act.text))
        secret = bool(_SECRETS.search(act.text))
        if outside or secret:
            verb = "removes" if effect == "remove" else "writes" if writes else "reads"
            now = act.when == "import"
            yield context.finding(
                f"{verb} a file outside of the model's directory"
                + ("" if now else ", once it is used"),
                line=act.line,
                evidence=_evidence(act),
                severity=Severity.HIGH if now else Severity.MEDIUM,
                confidence=Confidence.MEDIUM,
            )
    yield from _clears(source, context)


def _clears(source: ModelSource, context: RuleContext) -> Iterator[Finding]:
    """Report what lists a folder that is none of its business, and removes what it finds."""
    acts = [act for act in source.acts if act.when != "call"]
    removes = next(
        (act for act in acts if effect_of(act.path) == "remove" and not act.text), None
    )
    for act in acts:
        if removes and _LISTERS.match(act.path) and _OUTSIDE.search(act.text):
            yield context.finding(
                "lists files outside of the model's directory, and removes files",
                line=removes.line,
                evidence=f"{_evidence(act)}, {removes.path}",
                severity=Severity.HIGH if removes.when == "import" else Severity.MEDIUM,
                confidence=Confidence.MEDIUM,
            )
            return


@rule("SNT1375", "source-is-obfuscated", severity=Severity.LOW, formats=("model-source",),
      cwe="CWE-506")  # fmt: skip
def is_obfuscated(source: ModelSource, context: RuleContext) -> Iterator[Finding]:
    """The source hides what it does.

    **What.** Long runs of escaped characters, very long strings of base64 that are decoded, or
    attributes and modules looked up by computed names.

    **Why it matters.** What such a source does cannot be read. Together with `exec` or `eval` it
    is reported medium; tables of data and plug-in systems look like this too.

    **Fix.** Ask for the readable source.
    """
    runs = any(effect_of(act.path) == "code" and act.when != "call" for act in source.acts)
    found = []
    if source.escapes >= 0:
        found.append(("a long run of escaped characters", source.escapes))
    if source.blob >= 0 and source.decodes:
        found.append(("a very long encoded string that is decoded", source.blob))
    for says, offset in found:
        severity = Severity.MEDIUM if runs else Severity.LOW
        yield context.finding(says, offset=offset, severity=severity, confidence=Confidence.MEDIUM)
    if source.hidden:
        lines = ", ".join(str(line) for line in source.hidden[:20])
        yield context.finding(
            f"{len(source.hidden)} look-up(s) by a computed name",
            line=source.hidden[0],
            evidence=f"lines {lines}",
            confidence=Confidence.LOW,
        )
