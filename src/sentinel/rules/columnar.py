"""What we think of tables in columns: Parquet and Arrow."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.columnar import Columnar
from . import RuleContext, rule
from .external_paths import leads_out

_PYTHON_TYPE = "arrow.py_extension_type"


@rule(
    "SNT1490", "table-metadata-holds-pickle", severity=Severity.MEDIUM,
    formats=("parquet", "arrow"), cwe="CWE-502",
)  # fmt: skip
def holds_pickle(table: Columnar, context: RuleContext) -> Iterator[Finding]:
    """The metadata of the table holds a pickle.

    **What.** A value of the metadata of a file, schema, field or column begins like a pickle, also
    in base64, also within the schema that Spark writes: PySpark unpickles the class of a type that
    a user has made. With the extension type `arrow.py_extension_type`, reading the file is enough
    to have it unpickled (pyarrow before 14.0.1, CVE-2023-47248); that is reported high.

    **Why it matters.** A pickle runs what it was made to run. What this one would do is reported
    beside this finding.

    **Fix.** Do not read the file with an old pyarrow; write it anew without the metadata.
    """
    runs = _PYTHON_TYPE in table.extensions
    for value in table.pickles[:50]:
        yield context.finding(
            f"a pickle of {value.size} bytes in {value.where}",
            evidence=value.where,
            severity=Severity.HIGH if runs else Severity.MEDIUM,
        )


@rule("SNT1491", "table-column-holds-pickles", severity=Severity.LOW,
      formats=("parquet", "arrow"), cwe="CWE-502")  # fmt: skip
def column_of_pickles(table: Columnar, context: RuleContext) -> Iterator[Finding]:
    """The values of a column are pickles.

    **What.** The first, smallest or largest value of a column of bytes begins like a pickle.

    **Why it matters.** Reading the table runs nothing, unpickling a value does. Only a few of the
    values were read here.

    **Fix.** Store the data in columns of their own.
    """
    for name in table.columns[:50]:
        yield context.finding(
            f"column {name} holds pickles", evidence=name, confidence=Confidence.MEDIUM
        )


@rule(
    "SNT1492", "table-column-elsewhere", severity=Severity.HIGH, formats=("parquet",), cwe="CWE-22"
)
def column_elsewhere(table: Columnar, context: RuleContext) -> Iterator[Finding]:
    """A column of the table is read from another file.

    **What.** `file_path` of a column names another file. Within the folder that is reported low.

    **Why it matters.** A reader opens whatever file is named there, outside of the folder as well.

    **Fix.** Write the table into one file.
    """
    for path in table.elsewhere[:50]:
        how = leads_out(path)
        yield context.finding(
            f"columns are read from another file{f', which {how}' if how else ''}",
            evidence=path[:300],
            severity=Severity.HIGH if how else Severity.LOW,
        )
