"""What the tests of hostile pickles that call nothing by its name share: names, scans, builders."""

from __future__ import annotations

from sentinel import Report, Severity, scan_bytes
from tests.kit.assemble import EMPTY_TUPLE, NEWOBJ, Code, Dialect

P = Dialect(4)
RELU = P.name("torch.nn.functional", "relu")
GETATTR = P.name("builtins", "getattr")
SHELL = P.name("acme.shell", "run")
ECHO = "echo MARKER"


def scan(body: Code, name: str = "m.pkl") -> Report:
    return scan_bytes(P.file(body), name)


def flagged(report: Report) -> bool:
    return any(finding.severity >= Severity.MEDIUM for finding in report.findings)


def fresh(module: str, name: str) -> Code:
    return P.name(module, name) + EMPTY_TUPLE + NEWOBJ
