"""Make every import table again: audit the sources, write the samples, compile the index.

``python -m tools.make_imports`` takes the options of ``tools.make_safe_imports``.
"""

from __future__ import annotations

from . import audit_imports, make_index, make_safe_imports


def main() -> None:
    """Run the three makers over one reading of the sources."""
    options = make_safe_imports.options_of()
    findings = audit_imports.Findings(audit_imports.facts_of(options.extra))
    audit_imports.write(findings)
    make_safe_imports.write(findings, options)
    make_index.main()


if __name__ == "__main__":
    main()
