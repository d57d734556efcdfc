"""One line for people on what a statement says, and on what it is no more than a claim."""

from __future__ import annotations

from ..statement import Statement
from . import slsa, test_result, uris, vulns


def describe(statement: Statement) -> str:
    """Return what one of our own statements says.

    Args:
        statement: One that was made here; it is not checked.
    """
    fields = statement.predicate
    kind = statement.predicate_type
    if kind == uris.SLSA:
        build = _table(fields.get("buildDefinition"))
        internal = _table(build.get("internalParameters"))
        claims = ", ".join(_texts(internal.get(slsa.CLAIMED)))
        return f"provenance: claimed, not checked: {claims}"
    if kind == uris.TEST_RESULT:
        scan = _table(fields.get(test_result.EXTENSION))
        failed = ", ".join(_texts(fields.get("failedTests")) or _texts(fields.get("warnedTests")))
        counts = f"model files: {scan.get('scanned')}, others: {scan.get('others')}"
        rules = f"rules {scan.get('rulesVersion')}"
        return f"scan: {fields.get('result')} {failed}".rstrip() + f" ({counts}; {rules})"
    if kind == uris.MLBOM:
        parts = fields.get("components")
        number = len(parts) if isinstance(parts, list) else 0
        return f"bill of materials: {number} data sets and packages, as they are declared"
    if kind == uris.SVR:
        return f"verification result: {', '.join(_texts(fields.get('properties')))}"
    if kind == uris.VULNS:
        scanner, extra = _table(fields.get("scanner")), _table(fields.get(vulns.EXTENSION))
        found, open_ = scanner.get("result"), _texts(extra.get("notCompared"))
        number = len(found) if isinstance(found, list) else 0
        date = str(_table(scanner.get("db")).get("lastUpdate"))[:10]
        packages = f"{extra.get('compared')} packages compared, {len(open_)} not"
        return f"known vulnerabilities as of {date}: {number} ({packages})"
    if kind == uris.WATERMARK:
        return (
            f"watermark: on record for key {fields.get('keyId')}; neither key nor payload is told"
        )
    if kind == uris.OMS:
        return "signature of the model: signed along with"
    return kind


def _table(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
